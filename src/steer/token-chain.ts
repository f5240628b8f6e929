import type { LocalRow, TreeToken } from './local-pair.ts'
import type { TokenId } from './token-id.ts'

/** The tree in which each token follows the one before; the first one follows `from`. */
export function tokenChain(from: LocalRow, tokens: readonly TokenId[]): TreeToken[] {
  return tokens.map((token, index) => ({ parent: index === 0 ? from : index - 1, token }))
}
