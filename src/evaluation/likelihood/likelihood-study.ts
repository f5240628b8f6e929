import { Gate, type GateSettings } from '../../steer/strength/gate.ts'
import { bootstrapMean, bootstrapRatio, type Estimate } from '../statistics/paired-bootstrap.ts'
import { fitRule } from './fit-rule.ts'
import type { ForcedRow } from './force-row.ts'
import { asUpstream, type SteeredText, steeredText } from './steered-text.ts'
import { changesChoice, meanNats } from './steering-rule.ts'

export interface SteeringSetting {
  /** Of the private prompt. */
  readonly form: string
  /** K */
  readonly candidates: number
  /** c */
  readonly strength: number
  readonly gate?: GateSettings
}

/** One system's likelihood of what users wrote. Changes are nats a token against the plain upstream: negative is better. */
export interface LikelihoodResult {
  readonly system: string
  /** Mean negative log-likelihood of each row, nats a token, as the gateway would sample at temperature 1. */
  readonly rawNats: readonly number[]
  /** The same at the temperature that suits the system best. */
  readonly nats: readonly number[]
  /** rawNats against the plain upstream's. */
  readonly raw: Estimate
  /** nats against the upstream at the temperature that suits it best: what private data brought. */
  readonly strict: Estimate
  /** That as a share of what the ceiling gains; null where no ceiling was measured. */
  readonly ofCeiling: Estimate | null
  /** Share of positions whose likeliest token steering changes. */
  readonly changed: number
  /** 1 / temperature that suits the system best; the mean over the two halves of the rows. */
  readonly sharpness: number
}

/** Computes systems from what the models said of the rows; asks no model. */
export class LikelihoodStudy {
  readonly #rows: readonly ForcedRow[]
  readonly #ceiling: string | null
  readonly #plain = new Map<number, ScoredSystem>()
  readonly #top = new Map<number, ScoredSystem | null>()

  /** `ceiling` names the form in which the upstream saw the profile. */
  constructor(rows: readonly ForcedRow[], { ceiling }: { readonly ceiling: string | null }) {
    this.#rows = rows
    this.#ceiling = ceiling
  }

  /** The upstream at the temperature that suits it best: the control. */
  control(candidates: number): LikelihoodResult {
    return this.#result('upstream@temperature', candidates, this.#upstream(candidates))
  }

  /** The upstream that sees the profile: no privacy, and the most that can be had. */
  ceiling(candidates: number): LikelihoodResult | null {
    const scored = this.#ceilingScores(candidates)
    return scored === null ? null : this.#result('upstream-with-profile', candidates, scored)
  }

  localWithout(candidates: number): LikelihoodResult {
    const texts = this.#rows.map(({ upstream, without }) =>
      steeredText({ upstream: asUpstream(upstream, without) }, candidates),
    )
    return this.#result('local-without', candidates, scored(texts, 0))
  }

  localWith(form: string, candidates: number): LikelihoodResult {
    const texts = this.#rows.map((row) =>
      steeredText({ upstream: asUpstream(row.upstream, viewOf(row, form)) }, candidates),
    )
    return this.#result(`local-with ${form}`, candidates, scored(texts, 0))
  }

  steered({ form, candidates, strength, gate }: SteeringSetting): LikelihoodResult {
    const name = gate === undefined ? 'costeer' : 'adacosteer'
    const texts = this.#texts(form, candidates)
    const result = this.#result(
      `${name} ${form} c=${strength} K=${candidates}`,
      candidates,
      scored(texts, strength, gate),
    )
    let changed = 0
    let positions = 0
    for (const text of texts) {
      positions += text.positions.length
      const closing = closingOf(text, gate)
      for (const position of text.positions.slice(0, closing))
        if (changesChoice(position, strength)) changed++
    }
    return { ...result, changed: changed / positions }
  }

  #texts(form: string, candidates: number): SteeredText[] {
    return this.#rows.map((row) =>
      steeredText(
        { upstream: row.upstream, local: { with: viewOf(row, form), without: row.without } },
        candidates,
      ),
    )
  }

  #upstream(candidates: number): ScoredSystem {
    const known = this.#plain.get(candidates)
    if (known !== undefined) return known
    const texts = this.#rows.map(({ upstream }) => steeredText({ upstream }, candidates))
    const system = scored(texts, 0)
    this.#plain.set(candidates, system)
    return system
  }

  #ceilingScores(candidates: number): ScoredSystem | null {
    const known = this.#top.get(candidates)
    if (known !== undefined) return known
    const system = this.#scoredCeiling(candidates)
    this.#top.set(candidates, system)
    return system
  }

  #scoredCeiling(candidates: number): ScoredSystem | null {
    const form = this.#ceiling
    if (form === null) return null
    const texts = this.#rows.flatMap(({ ceilings }) => {
      const upstream = ceilings.get(form)
      return upstream === undefined ? [] : [steeredText({ upstream }, candidates)]
    })
    return texts.length === this.#rows.length ? scored(texts, 0) : null
  }

  #result(system: string, candidates: number, own: ScoredSystem): LikelihoodResult {
    const plain = this.#upstream(candidates)
    const top = this.#ceilingScores(candidates)
    const changes = (values: readonly number[], from: readonly number[]) =>
      values.map((value, row) => value - (from[row] as number))
    const strict = changes(own.nats, plain.nats)
    return {
      system,
      ...own,
      raw: bootstrapMean(changes(own.rawNats, plain.rawNats)),
      strict: bootstrapMean(strict),
      ofCeiling: top === null ? null : bootstrapRatio(strict, changes(top.nats, plain.nats)),
      changed: 0,
    }
  }
}

interface ScoredSystem {
  readonly rawNats: readonly number[]
  readonly nats: readonly number[]
  readonly sharpness: number
}

/** Each half of the rows is scored with what was fitted to the other half, so that no row helps to fit its own score. */
function scored(texts: readonly SteeredText[], strength: number, gate?: GateSettings): ScoredSystem {
  const parts = texts.map((text) => ({ text, closing: closingOf(text, gate) }))
  const rules = [0, 1].map((half) =>
    fitRule(
      parts.filter((_, index) => index % 2 !== half || parts.length === 1),
      strength,
    ),
  )
  return {
    rawNats: parts.map(({ text, closing }) =>
      meanNats(text, { strength, sharpness: 1, tailBias: 0 }, closing),
    ),
    nats: parts.map(({ text, closing }, index) =>
      meanNats(text, rules[index % 2] as (typeof rules)[number], closing),
    ),
    sharpness: rules.reduce((sum, { sharpness }) => sum + sharpness, 0) / rules.length,
  }
}

/** From which position on the gate leaves a text to the upstream. */
function closingOf({ positions }: SteeredText, settings?: GateSettings): number {
  if (settings === undefined) return positions.length
  const gate = new Gate(settings)
  const sure = positions.findIndex(({ base }) => {
    gate.observe({ ids: new Int32Array(0), logprobs: base, complete: false })
    return gate.closed
  })
  return sure === -1 ? positions.length : sure + 1
}

function viewOf(row: ForcedRow, form: string) {
  const view = row.with.get(form)
  if (view === undefined) throw new RangeError(`The rows were not measured with the form ${form}.`)
  return view
}
