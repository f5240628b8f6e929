import type { DecoderShape } from '../graph/prepared-graph.ts'
import { KeyValueCache } from './key-value-cache.ts'
import { BLOCK_TOKENS, type PrefixCache } from './prefix-cache.ts'

/** A cache and the tokens whose rows it holds. */
export interface SequenceSlot {
  readonly cache: KeyValueCache
  /** At least `cache.length` tokens long. */
  tokens: Int32Array
  /** How many of them the prefix cache has been offered. */
  kept: number
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
    const enough = limit - shared < BLOCK_TOKENS
    if (!best || (!enough && this.#prefixes.known(tokens, limit) > shared)) {
      const fresh = { cache: new KeyValueCache(this.#shape, tokens.length + 128), tokens, kept: 0 }
      this.advance(fresh, limit)
      return fresh
    }
    const taken = best
    this.#slots = this.#slots.filter((slot) => slot !== taken)
    taken.cache.truncate(shared)
    taken.tokens = tokens
    taken.kept = Math.min(taken.kept, shared)
    return taken
  }

  /** Skips what another query has computed since the slot was lent. */
  advance(slot: SequenceSlot, limit: number): void {
    this.#prefixes.restore(slot.tokens, slot.cache, limit)
  }

  /** Offers the slot's new blocks to other queries. */
  keep(slot: SequenceSlot): void {
    if (slot.cache.length - slot.kept < BLOCK_TOKENS) return
    this.#prefixes.store(slot.tokens, slot.cache)
    slot.kept = slot.cache.length - (slot.cache.length % BLOCK_TOKENS)
  }

  /** Takes a slot back; the one that was used longest ago makes room. */
  give(slot: SequenceSlot): void {
    this.#slots.push(slot)
    if (this.#slots.length > SLOTS) this.#slots.shift()?.cache.release()
  }
}

const commonLength = ({ cache, tokens }: SequenceSlot, other: Int32Array): number => {
  const limit = Math.min(cache.length, other.length)
  let length = 0
  while (length < limit && tokens[length] === other[length]) length++
  return length
}
