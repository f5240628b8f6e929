import type { Guess, LocalContinuation, LocalRow } from '../../src/steer/local-pair.ts'
import { type TokenId, tokenId } from '../../src/steer/token-id.ts'
import type { RecordedTrace } from './recorded-trace.ts'
import { type ReplayedPosition, replayedPosition } from './replayed-path.ts'
import type { VirtualTime } from './virtual-time.ts'

const GUESSES = 8

export interface ReplayedPairOptions {
  readonly trace: RecordedTrace
  readonly time: VirtualTime
  /** A forward pass takes this long for each token; passes run one after the other. */
  readonly tokenMs: number
  readonly strength: number
  /** A factor for the duration of each pass, 1 when left out. */
  readonly jitter?: () => number
}

/** A recorded local pair. Counts the rows that it computed. */
export class ReplayedContinuation implements LocalContinuation {
  readonly root: LocalRow
  readonly prefill = { cachedTokens: 0, computedTokens: 0 }
  rows = 0
  readonly #options: ReplayedPairOptions
  readonly #answers = new WeakMap<LocalRow, readonly TokenId[]>()
  #engine: Promise<void> = Promise.resolve()

  constructor(options: ReplayedPairOptions) {
    this.#options = options
    this.root = this.#row([])
  }

  async feed(from: LocalRow, tokens: readonly TokenId[]): Promise<LocalRow[]> {
    const start = this.#answers.get(from)
    if (start === undefined) throw new Error('a row of another continuation')
    const { time, tokenMs, jitter } = this.#options
    this.#engine = this.#engine.then(() => time.after(tokens.length * tokenMs * (jitter?.() ?? 1)))
    await this.#engine
    this.rows += tokens.length
    return tokens.map((_, i) => this.#row([...start, ...tokens.slice(0, i + 1)]))
  }

  retain(): void {}

  close(): void {}

  #row(answer: readonly TokenId[]): LocalRow {
    const { trace, strength } = this.#options
    const row = recordedRow(replayedPosition(trace, answer), { depth: answer.length, strength })
    this.#answers.set(row, answer)
    return row
  }
}

function recordedRow(
  { step, shift }: ReplayedPosition,
  { depth, strength }: { depth: number; strength: number },
): LocalRow {
  const indexOf = new Map(Array.from(step.ids, (id, i) => [id + shift, i]))
  const deltaOf = (id: number) => step.delta[indexOf.get(id) ?? -1] ?? step.maxDeltaRest
  const contrast = step.without.map((value, i) => value + strength * (step.delta[i] ?? 0))
  return {
    depth,
    publicGuesses: bestGuesses(step.without, { ids: step.ids, shift, logNormaliser: 0 }),
    privateGuesses: bestGuesses(contrast, { ids: step.ids, shift, logNormaliser: logSumExp(contrast) }),
    deltasInto: (ids, into) => {
      for (let i = 0; i < ids.length; i++) into[i] = deltaOf(ids[i] as number)
    },
    maxDeltaOutside: (ids) => {
      const named = new Set(ids)
      let largest = step.maxDeltaRest
      for (const [id, i] of indexOf) if (!named.has(id)) largest = Math.max(largest, step.delta[i] ?? 0)
      return largest
    },
  }
}

function bestGuesses(
  scores: Float64Array,
  { ids, shift, logNormaliser }: { ids: Int32Array; shift: number; logNormaliser: number },
): Guess[] {
  return Array.from(scores, (score, i) => ({ score, token: tokenId((ids[i] as number) + shift) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, GUESSES)
    .map(({ score, token }) => ({ token, probability: Math.min(1, Math.exp(score - logNormaliser)) }))
}

function logSumExp(values: Float64Array): number {
  const peak = Math.max(...values)
  return peak + Math.log(values.reduce((sum, value) => sum + Math.exp(value - peak), 0))
}
