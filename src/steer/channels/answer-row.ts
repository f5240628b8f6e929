import { ChangedRow } from '../changed-row.ts'
import type { LocalRow } from '../local-pair.ts'
import { type TokenId, tokenId } from '../token-id.ts'

/**
 * A local row for a position at which the upstream's own choice is no structural token: then none can win,
 * however large its delta. So steering neither begins nor prevents a channel, and a structural token stays
 * as likely as the upstream has it.
 */
export class AnswerRow extends ChangedRow {
  readonly #isStructural: (token: TokenId) => boolean

  constructor(inner: LocalRow, isStructural: (token: TokenId) => boolean) {
    super(inner)
    this.#isStructural = isStructural
  }

  deltasInto(ids: Int32Array, into: Float64Array): void {
    this.inner.deltasInto(ids, into)
    for (let i = 0; i < ids.length; i++) {
      if (this.#isStructural(tokenId(ids[i] as number))) into[i] = Number.NEGATIVE_INFINITY
    }
  }
}
