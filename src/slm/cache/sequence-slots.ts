import type { DecoderShape } from '../graph/model-graph.ts'
import { KeyValueCache, tokenBytes } from './key-value-cache.ts'
import { BLOCK_TOKENS, type PrefixCache } from './prefix-cache.ts'

/** A cache and the tokens whose rows it holds. */
export interface SequenceSlot {
  readonly cache: KeyValueCache
  /** At least `cache.length` tokens long. */
  tokens: Int32Array
  /** How many of them the prefix cache has been offered. */
  kept: number
}

/** These stay whatever they hold. */
const FEWEST_SLOTS = 4

/**
 * A sequence that goes on loses no more than a wrong guess, or what a template changes at the end of a turn.
 */
const OWN_LOSS_TOKENS = 8

/** The sequences that were scored last, so that the next query computes its new tokens only. */
export class SequenceSlots {
  readonly #shape: DecoderShape
  readonly #prefixes: PrefixCache
  readonly #maxTokens: number
  /** Least recently used first. */
  #slots: SequenceSlot[] = []

  constructor(shape: DecoderShape, prefixes: PrefixCache, maxBytes: number) {
    this.#shape = shape
    this.#prefixes = prefixes
    this.#maxTokens = maxBytes / tokenBytes(shape)
  }

  /** Of the rows of those that nobody has borrowed. */
  get bytes(): number {
    return this.#heldTokens() * tokenBytes(this.#shape)
  }

  /** How many leading tokens of `tokens`, at most `limit`, a slot holds that nobody has borrowed. */
  known(tokens: Int32Array, limit: number): number {
    return this.#slots.reduce((most, slot) => Math.max(most, Math.min(limit, commonLength(slot, tokens))), 0)
  }

  /**
   * Lends a slot whose cache holds as many leading tokens of `tokens` as are known, at
   * most `limit`. Until it is given back nobody else gets it.
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
    // Another conversation that only begins alike would lose its rows.
    const isForeign = best !== null && best.cache.length - shared > OWN_LOSS_TOKENS && this.#hasRoom()
    if (!best || isForeign || (!enough && this.#prefixes.known(tokens, limit) > shared)) {
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

  /** Takes a slot back; those that were used longest ago make room. */
  give(slot: SequenceSlot): void {
    this.#slots.push(slot)
    while (this.#slots.length > FEWEST_SLOTS && !this.#hasRoom()) this.#slots.shift()?.cache.release()
  }

  #hasRoom(): boolean {
    return this.#heldTokens() <= this.#maxTokens
  }

  #heldTokens(): number {
    return this.#slots.reduce((sum, { cache }) => sum + cache.length, 0)
  }
}

function commonLength({ cache, tokens }: SequenceSlot, other: Int32Array): number {
  const limit = Math.min(cache.length, other.length)
  let length = 0
  while (length < limit && tokens[length] === other[length]) length++
  return length
}
