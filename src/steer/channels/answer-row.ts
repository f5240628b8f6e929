import type { Distribution } from '../distribution.ts'
import type { Guess, LocalRow } from '../local-pair.ts'
import { type TokenId, tokenId } from '../token-id.ts'

/**
 * A local row to select from, not to feed from, for a position at which the upstream's own choice is no
 * structural token: then none can win, however large its delta. So steering neither begins nor prevents a
 * channel, and a structural token stays as likely as the upstream has it.
 */
export class AnswerRow implements LocalRow {
  readonly depth: number
  readonly #inner: LocalRow
  readonly #isStructural: (token: TokenId) => boolean

  constructor(inner: LocalRow, isStructural: (token: TokenId) => boolean) {
    this.depth = inner.depth
    this.#inner = inner
    this.#isStructural = isStructural
  }

  get publicGuesses(): readonly Guess[] {
    return this.#inner.publicGuesses
  }

  get privateGuesses(): readonly Guess[] {
    return this.#inner.privateGuesses
  }

  get neutralDelta(): number {
    return this.#inner.neutralDelta
  }

  deltasInto(ids: Int32Array, into: Float64Array): void {
    this.#inner.deltasInto(ids, into)
    for (let i = 0; i < ids.length; i++) {
      if (this.#isStructural(tokenId(ids[i] as number))) into[i] = Number.NEGATIVE_INFINITY
    }
  }

  maxDeltaOutside(ids: Int32Array): number {
    return this.#inner.maxDeltaOutside(ids)
  }

  coverage(distribution: Distribution): number {
    return this.#inner.coverage?.(distribution) ?? 1
  }
}
