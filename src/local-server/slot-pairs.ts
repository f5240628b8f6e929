import { ByteBudget } from '../slm/pair/byte-budget.ts'
import type { TokenId } from '../steer/token-id.ts'
import type { OfStreams } from './of-streams.ts'

/** Two of the server's slots, which belong to one answer at a time. */
export interface SlotPair {
  readonly slots: OfStreams<number>
  /** Notes what they hold now. */
  holds(tokens: OfStreams<readonly TokenId[]>): void
  /** Gives them to the next answer, however often it is called. */
  release(): void
}

class Pair {
  readonly slots: OfStreams<number>
  isFree = true
  held: OfStreams<readonly TokenId[]> = { with: [], without: [] }

  constructor(index: number) {
    this.slots = { with: 2 * index, without: 2 * index + 1 }
  }

  shares(prompts: OfStreams<readonly TokenId[]>): number {
    return shared(this.held.with, prompts.with) + shared(this.held.without, prompts.without)
  }
}

/**
 * The server's slots, by twos. An answer keeps the two that it gets, since another answer in between would
 * have the server compute its prompts anew for every token. Whoever finds all taken waits, in order.
 */
export class SlotPairs {
  readonly #pairs: readonly Pair[]
  readonly #places: ByteBudget

  /** `slots` is at least 2. */
  constructor(slots: number) {
    this.#pairs = Array.from({ length: Math.floor(slots / 2) }, (_, index) => new Pair(index))
    this.#places = new ByteBudget(this.#pairs.length)
  }

  /** Those that hold most of `prompts` already. Rejects with the signal's reason. */
  async take(prompts: OfStreams<readonly TokenId[]>, signal: AbortSignal): Promise<SlotPair> {
    const giveBack = await this.#places.take(1, signal)
    const [first, ...others] = this.#pairs.filter(({ isFree }) => isFree)
    const pair = others.reduce(
      (best, one) => (one.shares(prompts) > best.shares(prompts) ? one : best),
      first as Pair,
    )
    pair.isFree = false
    let isTaken = true
    return {
      slots: pair.slots,
      holds(tokens) {
        if (isTaken) pair.held = tokens
      },
      release() {
        if (!isTaken) return
        isTaken = false
        pair.isFree = true
        giveBack()
      },
    }
  }
}

function shared(held: readonly TokenId[], prompt: readonly TokenId[]): number {
  const most = Math.min(held.length, prompt.length)
  let count = 0
  while (count < most && held[count] === prompt[count]) count++
  return count
}
