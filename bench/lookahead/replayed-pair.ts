import type { Guess, LocalContinuation, LocalRow, TreeToken } from '../../src/steer/local-pair.ts'
import { tokenChain } from '../../src/steer/token-chain.ts'
import { type TokenId, tokenId } from '../../src/steer/token-id.ts'
import type { RecordedStep, RecordedTrace } from './recorded-trace.ts'
import { type ReplayedPosition, replayedPosition } from './replayed-path.ts'
import type { VirtualTime } from './virtual-time.ts'

const GUESSES = 8

export interface ReplayedPairOptions {
  readonly trace: RecordedTrace
  readonly time: VirtualTime
  /** A forward pass over one token; passes run one after the other. */
  readonly tokenMs: number
  /** What each further token of a pass costs, as a share of `tokenMs`. */
  readonly chunkShare: number
  readonly strength: number
  /** A factor for the duration of each pass. */
  readonly jitter: () => number
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

  feed(from: LocalRow, tokens: readonly TokenId[]): Promise<LocalRow[]> {
    return this.feedTree(tokenChain(from, tokens))
  }

  async feedTree(tree: readonly TreeToken[]): Promise<LocalRow[]> {
    const answers: TokenId[][] = []
    for (const { parent, token } of tree) {
      const start = typeof parent === 'number' ? answers[parent] : this.#answers.get(parent)
      if (start === undefined) throw new Error('a row of another continuation')
      answers.push([...start, token])
    }
    const { time, tokenMs, chunkShare, jitter } = this.#options
    const passMs = tokenMs * (1 + chunkShare * (tree.length - 1)) * jitter()
    this.#engine = this.#engine.then(() => time.after(passMs))
    await this.#engine
    this.rows += tree.length
    return answers.map((answer) => this.#row(answer))
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
    neutralDelta: 0,
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
