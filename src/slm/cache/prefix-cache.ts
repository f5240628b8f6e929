import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { BlockFolder } from './block-folder.ts'
import { type KeyValueCache, lastingRows, type NewRows, releaseRows } from './key-value-cache.ts'

/** Tokens whose rows are kept, found and dropped together. */
export const BLOCK_TOKENS = 16

/** Read from disk at once: tens of milliseconds at most, for which answers that run wait. */
const FETCHED_BYTES = 8 * 2 ** 20

/**
 * K/V rows of token sequences that were computed before, in blocks, found by all the
 * tokens up to the block's end. Both streams and all conversations of a model share it.
 */
export class PrefixCache {
  readonly #blocks: LRUCache<string, NewRows> | null
  readonly #family: Set<PrefixCache>
  readonly #folder: BlockFolder | null

  /**
   * `maxBytes` 0 keeps nothing. It joins `family`, those of graphs over the same weights: what they hold is
   * found as well, and not kept twice. `folder` is where `keep` writes and `fetch` reads.
   */
  constructor(maxBytes: number, family: Set<PrefixCache> = new Set(), folder: BlockFolder | null = null) {
    this.#family = family.add(this)
    this.#folder = folder
    this.#blocks =
      maxBytes > 0
        ? new LRUCache<string, NewRows>({
            maxSize: maxBytes,
            sizeCalculation: ({ values }) => values.byteLength,
            dispose: releaseRows,
          })
        : null
  }

  /** What it holds now. */
  get bytes(): number {
    return this.#blocks?.calculatedSize ?? 0
  }

  /**
   * Appends the blocks of `tokens` that are known and follow the rows of `cache`, up to
   * `limit` tokens in all. Returns the number of tokens found.
   */
  restore(tokens: Int32Array, cache: KeyValueCache, limit = tokens.length - 1): number {
    if (!this.#blocks || cache.length % BLOCK_TOKENS !== 0 || cache.length + BLOCK_TOKENS > limit) return 0
    const before = cache.length
    const found: string[] = []
    for (const key of blockKeys(tokens.subarray(0, limit)).slice(before / BLOCK_TOKENS)) {
      const block = this.#holder(key)?.peek(key)
      if (!block) break
      cache.append(block, 0, BLOCK_TOKENS)
      found.push(key)
    }
    // The last block ages first: what follows a lost block cannot be found
    for (const key of found.reverse()) this.#holder(key)?.get(key)
    return cache.length - before
  }

  /**
   * Takes blocks of `tokens` that follow the rows of `cache` from disk into memory, where `restore` finds
   * them: some megabytes of them. Returns their tokens.
   */
  fetch(tokens: Int32Array, cache: KeyValueCache): number {
    if (!this.#blocks || !this.#folder?.hasAny || cache.length % BLOCK_TOKENS !== 0) return 0
    let bytes = 0
    let fetched = 0
    for (const key of blockKeys(tokens.subarray(0, -1)).slice(cache.length / BLOCK_TOKENS)) {
      if (bytes >= FETCHED_BYTES) break
      if (this.#holder(key)) continue
      const rows = this.#folder.read(key)
      if (!rows) break
      this.#blocks.set(key, lastingRows(rows, BLOCK_TOKENS))
      bytes += rows.byteLength
      fetched += BLOCK_TOKENS
    }
    return fetched
  }

  /** Has the whole blocks of `prompts`, as far as memory holds them, written to disk, as the owner's. */
  keep(owner: string, prompts: readonly Int32Array[]): void {
    const keys = [...new Set(prompts.flatMap(blockKeys))]
    this.#folder?.keep(owner, keys, (key) => this.#holder(key)?.peek(key)?.values ?? null)
  }

  /** How many leading tokens of `tokens`, at most `limit`, could be restored into an empty cache. */
  known(tokens: Int32Array, limit: number): number {
    const keys = this.#blocks ? blockKeys(tokens.subarray(0, limit)) : []
    const missing = keys.findIndex((key) => !this.#holder(key))
    return (missing < 0 ? keys.length : missing) * BLOCK_TOKENS
  }

  /** Keeps the whole blocks of `tokens`, whose rows are the first ones of `cache`. */
  store(tokens: Int32Array, cache: KeyValueCache): void {
    if (!this.#blocks) return
    const keys = blockKeys(tokens.subarray(0, Math.min(tokens.length, cache.length)))
    for (let block = keys.length - 1; block >= 0; block--) {
      const key = keys[block] ?? ''
      if (this.#holder(key)?.get(key)) continue
      this.#blocks.set(key, cache.copy(block * BLOCK_TOKENS, BLOCK_TOKENS, { lasting: true }))
    }
  }

  /** Drops its blocks, so that others find them no more. */
  leave(): void {
    this.#family.delete(this)
    this.#blocks?.clear()
  }

  /** Where the block is kept, among the family's. */
  #holder(key: string): LRUCache<string, NewRows> | null {
    for (const member of this.#family) if (member.#blocks?.has(key)) return member.#blocks
    return null
  }
}

/** One key for each whole block; each stands for all tokens from the first on. */
function blockKeys(tokens: Int32Array): string[] {
  const keys: string[] = []
  let key = ''
  for (let end = BLOCK_TOKENS; end <= tokens.length; end += BLOCK_TOKENS) {
    key = createHash('sha256')
      .update(key)
      .update(Uint8Array.from(new Uint8Array(tokens.slice(end - BLOCK_TOKENS, end).buffer)))
      .digest('hex')
    keys.push(key)
  }
  return keys
}
