import { runWhole, type SlicedWork } from '../../sliced-work.ts'
import { type TokenId, tokenId } from '../token-id.ts'
import type { Vocabulary } from '../vocabulary.ts'

/** So many are read at a time. */
const TOKENS = 256

/** Finds a vocabulary's tokens by their bytes. */
export class ByteTokens {
  readonly #byBytes = new Map<string, TokenId>()
  #longest = 0

  /** Goes over the whole vocabulary once: about 0.1 s for 150,000 tokens. Null is none. */
  constructor(vocabulary: Vocabulary | null) {
    if (vocabulary !== null) runWhole(this.#reading(vocabulary))
  }

  /** The same in slices, on a thread that serves. */
  static *making(vocabulary: Vocabulary): SlicedWork<ByteTokens> {
    const tokens = new ByteTokens(null)
    yield* tokens.#reading(vocabulary)
    return tokens
  }

  *#reading(vocabulary: Vocabulary): SlicedWork<void> {
    for (let id = 0; id < vocabulary.size; id++) {
      if (id % TOKENS === 0) yield
      const bytes = vocabulary.bytes(tokenId(id))
      if (bytes.length === 0) continue
      // Of several tokens for the same bytes, tokenizers use the later one: a character
      // instead of its byte, an added token.
      this.#byBytes.set(keyOf(bytes), tokenId(id))
      this.#longest = Math.max(this.#longest, bytes.length)
    }
  }

  find(bytes: Uint8Array): TokenId | undefined {
    return this.#byBytes.get(keyOf(bytes))
  }

  /**
   * The longest token that `bytes` begin with, then the longest that the rest begins
   * with; unknown bytes are left out.
   */
  split(bytes: Uint8Array): TokenId[] {
    const key = keyOf(bytes)
    const tokens: TokenId[] = []
    for (let start = 0; start < key.length; ) {
      let length = Math.min(this.#longest, key.length - start)
      while (length > 0 && !this.#byBytes.has(key.slice(start, start + length))) length--
      const token = this.#byBytes.get(key.slice(start, start + length))
      if (token !== undefined) tokens.push(token)
      start += Math.max(1, length)
    }
    return tokens
  }
}

/** One character for each byte. */
function keyOf(bytes: Uint8Array): string {
  let key = ''
  for (const byte of bytes) key += String.fromCharCode(byte)
  return key
}
