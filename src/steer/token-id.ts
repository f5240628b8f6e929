declare const brand: unique symbol

/**
 * A token's index in the vocabulary, 0 to size - 1. Branded so that counts and positions
 * cannot be passed for it.
 */
export type TokenId = number & { readonly [brand]: 'TokenId' }

/** Trusts `value` to be an index of the vocabulary: for numbers that a boundary has checked already. */
export function tokenId(value: number): TokenId {
  return value as TokenId
}

/** Numbers as token ids in a new array, trusted as `tokenId` trusts them. */
export function tokenIds(values: Iterable<number>): TokenId[] {
  return Array.from(values, tokenId)
}
