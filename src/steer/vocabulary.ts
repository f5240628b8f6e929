import type { TokenId } from './token-id.ts'

/** What the decode loops and the text stream need to know of a model's tokens. */
export interface Vocabulary {
  /** Number of token ids, including added and unused ones. */
  readonly size: number
  /** Hash (hex) over all token strings in id order: equal hashes mean interchangeable token ids. */
  readonly fingerprint: string
  /**
   * The token's own bytes, which need not be whole UTF-8 characters; empty for control
   * tokens such as end of turn.
   */
  bytes(token: TokenId): Uint8Array
  /** Tokens that end an answer. */
  readonly endTokens: ReadonlySet<TokenId>
}
