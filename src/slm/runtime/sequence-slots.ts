import type { DecoderShape } from '../graph/prepared-graph.ts'
import { KeyValueCache } from './key-value-cache.ts'
import { BLOCK_TOKENS, type PrefixCache } from './prefix-cache.ts'

/** A cache and the tokens whose rows it holds. */
export interface SequenceSlot {
  readonly cache: KeyValueCache
  /** At least `cache.length` tokens long. */
  tokens: Int32Array
}

const SLOTS = 4

/** The sequences that were scored last, so that the next query computes its new tokens only. */
export class SequenceSlots {
  readonly #shape: DecoderShape
  readonly #prefixes: PrefixCache
  /** Least recently used first. */
  #slots: SequenceSlot[] = []

  constructor(shape: DecoderShape, prefixes: PrefixCache) {
    this.#shape = shape
    this.#prefixes = prefixes
  }

  /**
   * Lends a slot whose cache holds as many leading tokens of `tokens` as are known, at most `limit`. Until it is given
   * back nobody else gets it.
   */
  take(tokens: Int32Array, limit: number): SequenceSlot {
    let best: SequenceSlot | null = null
    let shared = 0
    for (const slot of this.#slots) {
      const common = Math.min(limit, commonLength(slot, tokens))
      if (common > shared) {
        best = slot
        shared = common
      }
    }
    const fresh = { cache: new KeyValueCache(this.#shape, tokens.length + 128), tokens }
    const known = this.#prefixes.restore(tokens.subarray(0, limit + 1), fresh.cache)
    if (!best || known > shared) return fresh
    const taken = best
    this.#slots = this.#slots.filter((slot) => slot !== taken)
    if (taken.cache.length - shared >= BLOCK_TOKENS) this.#prefixes.store(taken.tokens, taken.cache)
    taken.cache.truncate(shared)
    taken.tokens = tokens
    return taken
  }

  /** Takes a slot back; the one that was used longest ago makes room. */
  give(slot: SequenceSlot): void {
    this.#slots.push(slot)
    if (this.#slots.length <= SLOTS) return
    const oldest = this.#slots.shift()
    if (oldest) this.#prefixes.store(oldest.tokens, oldest.cache)
  }
}

const commonLength = ({ cache, tokens }: SequenceSlot, other: Int32Array): number => {
  const limit = Math.min(cache.length, other.length)
  let length = 0
  while (length < limit && tokens[length] === other[length]) length++
  return length
}
