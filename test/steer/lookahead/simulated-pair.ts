import type { VirtualTime } from '../../../bench/lookahead/virtual-time.ts'
import type { Guess, LocalContinuation, LocalRow, TreeToken } from '../../../src/steer/local-pair.ts'
import { tokenChain } from '../../../src/steer/token-chain.ts'
import { type TokenId, tokenId } from '../../../src/steer/token-id.ts'
import { logSoftmax } from '../ftrl-loop.ts'
import { fedSequences, rowOf, type TableModel } from '../table-models.ts'

export interface SimulatedPairOptions {
  readonly without: TableModel
  readonly delta: TableModel
  readonly strength: number
  readonly time: VirtualTime
  /** Duration of a pass over `tokens` tokens, drawn for every pass. */
  readonly passMs: (tokens: number) => number
  /** Passes that succeed before the model fails for good. */
  readonly passes?: number
}

/**
 * Table models as a local pair whose passes take time. Feeding below a dropped row, or
 * two passes at once, is an error.
 */
export class SimulatedContinuation implements LocalContinuation {
  readonly root: LocalRow
  readonly prefill = { cachedTokens: 0, computedTokens: 0 }
  /** Answers up to each row that was computed, in order. */
  readonly fed: (readonly number[])[] = []
  /** The same, pass by pass. */
  readonly passes: (readonly (readonly number[])[])[] = []
  readonly #options: SimulatedPairOptions
  readonly #answers = new Map<LocalRow, readonly number[]>()
  #busy = false

  constructor(options: SimulatedPairOptions) {
    this.#options = options
    this.root = this.#grow([])
  }

  feed(from: LocalRow, tokens: readonly TokenId[]): Promise<LocalRow[]> {
    return this.feedTree(tokenChain(from, tokens))
  }

  async feedTree(tokens: readonly TreeToken[]): Promise<LocalRow[]> {
    const answers = fedSequences(tokens, (row) => this.#answers.get(row))
    if (this.#busy) throw new Error('two passes at once')
    if (tokens.length === 0) throw new Error('nothing to feed')
    this.#busy = true
    const { time, passMs, passes = Number.POSITIVE_INFINITY } = this.#options
    await time.after(passMs(tokens.length))
    this.#busy = false
    if (this.fed.length >= passes) throw new Error('worker gone')
    this.fed.push(...answers)
    this.passes.push(answers)
    return answers.map((answer) => this.#grow(answer))
  }

  retain(row: LocalRow): void {
    const kept = this.#answers.get(row)
    if (kept === undefined) throw new Error('the row was dropped')
    for (const [other, answer] of this.#answers) {
      const shared = Math.min(kept.length, answer.length)
      if (kept.slice(0, shared).some((token, i) => token !== answer[i])) this.#answers.delete(other)
    }
  }

  close(): void {}

  #grow(answer: readonly number[]): LocalRow {
    const { without, delta, strength } = this.#options
    const scores = logSoftmax(without(answer))
    const deltas = delta(answer)
    const row: LocalRow = {
      ...rowOf(deltas, answer.length),
      publicGuesses: publicGuesses(without, answer),
      privateGuesses: bestGuesses(scores.map((score, id) => score + strength * (deltas[id] ?? 0))),
    }
    this.#answers.set(row, answer)
    return row
  }
}

/** What the `without` stream alone guesses behind `answer`. */
export function publicGuesses(without: TableModel, answer: readonly number[]): Guess[] {
  return bestGuesses(without(answer))
}

function bestGuesses(scores: readonly number[]): Guess[] {
  return logSoftmax(scores)
    .map((logprob, id) => ({ token: tokenId(id), probability: Math.exp(logprob) }))
    .sort((a, b) => b.probability - a.probability || a.token - b.token)
    .slice(0, 4)
}
