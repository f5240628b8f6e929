// Likelihood: how likely systems make what users wrote. This room owns asking models once for every
// position (forced-text), keeping that on disk, and computing any rule from it. It must not generate text.

import { Gate, type GateSettings } from '../../steer/strength/gate.ts'
import { type System, systemName } from '../lab/system.ts'
import { bootstrapMean, bootstrapRatio, type Estimate } from '../statistics/paired-bootstrap.ts'
import { fitRule } from './fit-rule.ts'
import type { ForcedRow } from './force-row.ts'
import type { ForcedText, ForcedView } from './forced-text.ts'
import { asUpstream, type SteeredText, type SteeredViews, steeredText } from './steered-text.ts'
import { changesChoice, meanNats } from './steering-rule.ts'

/**
 * One system's likelihood of what users wrote. Changes are nats a token against the plain upstream:
 * negative is better.
 */
export interface LikelihoodResult {
  readonly system: string
  /** K */
  readonly candidates: number
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
  /** Share of positions whose likeliest token steering changes, [0, 1]. */
  readonly changed: number
  /** 1 / temperature that suits the system best; the mean over the two halves of the rows. */
  readonly sharpness: number
}

interface ScoredSystem extends Pick<LikelihoodResult, 'rawNats' | 'nats' | 'changed' | 'sharpness'> {}

/** Computes systems from what the models said of the rows; asks no model. */
export class LikelihoodStudy {
  readonly #rows: readonly ForcedRow[]
  readonly #ceiling: string | null
  readonly #gate: GateSettings
  /** By K, for comparisons. */
  readonly #plain = new Map<number, ScoredSystem>()
  readonly #top = new Map<number, ScoredSystem | null>()

  /** `ceiling` names the form in which the upstream saw the profile. */
  constructor(
    rows: readonly ForcedRow[],
    { ceiling, gate }: { readonly ceiling: string | null; readonly gate: GateSettings },
  ) {
    this.#rows = rows
    this.#ceiling = ceiling
    this.#gate = gate
  }

  /** The upstream at the temperature that suits it best, against which all others are judged. */
  controls(candidates: number): LikelihoodResult[] {
    return [this.#compared('upstream@temperature', candidates, this.#plainAt(candidates))]
  }

  /**
   * The system's result over the upstream's `candidates` likeliest tokens; none for the plain upstream,
   * which is the control, nor for a local model by itself that has other tokens.
   */
  result(system: System, candidates: number): LikelihoodResult[] {
    if (system.kind === 'upstream') return []
    const scored = this.#scored(system, candidates)
    return scored === null ? [] : [this.#compared(systemName(system), candidates, scored)]
  }

  #scored(system: Exclude<System, { kind: 'upstream' }>, candidates: number): ScoredSystem | null {
    if (system.kind === 'upstream-with-profile') return this.#topAt(candidates)
    const views = this.#rows.flatMap((row) => viewsOf(row, system) ?? [])
    // A model with other tokens has no likelihoods of its own here
    if (views.length < this.#rows.length) return null
    const texts = views.map((view) => steeredText(view, candidates))
    const strength = 'strength' in system ? system.strength : 0
    return scored(texts, strength, system.kind === 'adacosteer' ? this.#gate : null)
  }

  #plainAt(candidates: number): ScoredSystem {
    const known = this.#plain.get(candidates)
    if (known !== undefined) return known
    const system = scored(
      this.#rows.map(({ upstream }) => steeredText({ upstream }, candidates)),
      0,
      null,
    )
    this.#plain.set(candidates, system)
    return system
  }

  #topAt(candidates: number): ScoredSystem | null {
    const known = this.#top.get(candidates)
    if (known !== undefined) return known
    const form = this.#ceiling
    const texts = this.#rows.flatMap(({ ceilings }): ForcedText[] => {
      const text = form === null ? undefined : ceilings.get(form)
      return text === undefined ? [] : [text]
    })
    const system =
      texts.length < this.#rows.length
        ? null
        : scored(
            texts.map((upstream) => steeredText({ upstream }, candidates)),
            0,
            null,
          )
    this.#top.set(candidates, system)
    return system
  }

  #compared(system: string, candidates: number, own: ScoredSystem): LikelihoodResult {
    const plain = this.#plainAt(candidates)
    const top = this.#topAt(candidates)
    const strict = changes(own.nats, plain.nats)
    return {
      system,
      candidates,
      ...own,
      raw: bootstrapMean(changes(own.rawNats, plain.rawNats)),
      strict: bootstrapMean(strict),
      ofCeiling: top === null ? null : bootstrapRatio(strict, changes(top.nats, plain.nats)),
    }
  }
}

function viewsOf(
  { upstream, local }: ForcedRow,
  system: Exclude<System, { kind: 'upstream' | 'upstream-with-profile' }>,
): SteeredViews | null {
  const form = 'form' in system ? system.form : ''
  if ('deltas' in local) {
    const deltas = 'strength' in system ? local.deltas.get(form) : undefined
    return deltas === undefined ? null : { upstream, local: { deltas } }
  }
  if (system.kind === 'local-without') return { upstream: asUpstream(upstream, local.without) }
  const known = local.with.get(form) as ForcedView
  if (system.kind === 'local-with') return { upstream: asUpstream(upstream, known) }
  return { upstream, local: { with: known, without: local.without } }
}

function changes(values: readonly number[], from: readonly number[]): number[] {
  return values.map((value, row) => value - (from[row] as number))
}

/**
 * Each half of the rows is scored with what was fitted to the other half, so that no row helps to fit its
 * own score.
 */
function scored(texts: readonly SteeredText[], strength: number, gate: GateSettings | null): ScoredSystem {
  const parts = texts.map((text) => ({ text, closing: gate === null ? Infinity : closingOf(text, gate) }))
  const [even, odd] = [0, 1].map((half) => {
    const others = parts.filter((_, index) => index % 2 !== half)
    return fitRule(others.length === 0 ? parts : others, strength)
  }) as [ReturnType<typeof fitRule>, ReturnType<typeof fitRule>]
  let changed = 0
  let positions = 0
  for (const { text, closing } of parts) {
    positions += text.positions.length
    for (const position of text.positions.slice(0, closing)) if (changesChoice(position, strength)) changed++
  }
  const sampled = { strength, sharpness: 1, tailBias: 0 }
  return {
    rawNats: parts.map(({ text, closing }) => meanNats(text, sampled, closing)),
    nats: parts.map(({ text, closing }, index) => meanNats(text, index % 2 === 0 ? even : odd, closing)),
    changed: changed / Math.max(1, positions),
    sharpness: (even.sharpness + odd.sharpness) / 2,
  }
}

/** From which position on the gate leaves a text to the upstream. */
function closingOf({ positions }: SteeredText, settings: GateSettings): number {
  const gate = new Gate(settings)
  const sure = positions.findIndex(({ base }) => {
    gate.observe({ ids: new Int32Array(0), logprobs: base, complete: false })
    return gate.closed
  })
  return sure === -1 ? positions.length : sure + 1
}
