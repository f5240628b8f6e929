import type { Guess, LocalContinuation, LocalRow } from '../../src/steer/local-pair.ts'
import { type TokenId, tokenId } from '../../src/steer/token-id.ts'
import type { RecordedStep, RecordedTrace } from './recorded-trace.ts'
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

/** Only what is asked of a row is computed: most rows of a replay are guesses that come to nothing. */
function recordedRow(
  { step, shift }: ReplayedPosition,
  { depth, strength }: { depth: number; strength: number },
): LocalRow {
  let indexOf: Map<number, number> | null = null
  const indices = () => {
    indexOf ??= new Map(Array.from(step.ids, (id, i) => [id + shift, i]))
    return indexOf
  }
  const { publicGuesses, privateGuesses } = recordedGuesses(step, strength)
  const shifted = (guesses: readonly Guess[]) =>
    guesses.map(({ token, probability }) => ({ token: tokenId(token + shift), probability }))
  return {
    depth,
    publicGuesses: shifted(publicGuesses),
    privateGuesses: shifted(privateGuesses),
    deltasInto: (ids, into) => {
      for (let i = 0; i < ids.length; i++) {
        into[i] = step.delta[indices().get(ids[i] as number) ?? -1] ?? step.maxDeltaRest
      }
    },
    maxDeltaOutside: (ids) => {
      const named = new Set(ids)
      let largest = step.maxDeltaRest
      for (const [id, i] of indices()) if (!named.has(id)) largest = Math.max(largest, step.delta[i] ?? 0)
      return largest
    },
  }
}

interface RecordedGuesses {
  readonly strength: number
  readonly publicGuesses: readonly Guess[]
  readonly privateGuesses: readonly Guess[]
}

const guessesOf = new WeakMap<RecordedStep, RecordedGuesses>()

function recordedGuesses(step: RecordedStep, strength: number): RecordedGuesses {
  const known = guessesOf.get(step)
  if (known?.strength === strength) return known
  const contrast = step.without.map((value, i) => value + strength * (step.delta[i] ?? 0))
  const guesses = {
    strength,
    publicGuesses: bestGuesses(step.ids, step.without, 0),
    privateGuesses: bestGuesses(step.ids, contrast, logSumExp(contrast)),
  }
  guessesOf.set(step, guesses)
  return guesses
}

function bestGuesses(ids: Int32Array, scores: Float64Array, logNormaliser: number): Guess[] {
  return Array.from(scores, (score, i) => ({ score, token: tokenId(ids[i] as number) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, GUESSES)
    .map(({ score, token }) => ({ token, probability: Math.min(1, Math.exp(score - logNormaliser)) }))
}

function logSumExp(values: Float64Array): number {
  const peak = Math.max(...values)
  return peak + Math.log(values.reduce((sum, value) => sum + Math.exp(value - peak), 0))
}
