import type { LocalRow } from './local-pair.ts'
import type { TokenId } from './token-id.ts'

/** A token to feed below a row, or below an earlier token of the same chunk, which is named by its index. */
export interface TreeToken {
  readonly parent: LocalRow | number
  readonly token: TokenId
}

/** The tree in which each token follows the one before; the first one follows `from`. */
export const tokenChain = (from: LocalRow, tokens: readonly TokenId[]): TreeToken[] =>
  tokens.map((token, index) => ({ parent: index === 0 ? from : index - 1, token }))
