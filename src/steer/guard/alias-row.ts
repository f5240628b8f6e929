import { ChangedRow } from '../changed-row.ts'
import type { LocalRow } from '../local-pair.ts'
import { type TokenId, tokenId } from '../token-id.ts'
import type { Unit } from './decode-guard.ts'

/**
 * A local row where the upstream proposes aliases: an alias's first token has the delta of the value that it
 * stands for, which is what the local pair reads.
 */
export class AliasRow extends ChangedRow {
  readonly #aliases: ReadonlyMap<TokenId, readonly Unit[]>

  constructor(inner: LocalRow, aliases: ReadonlyMap<TokenId, readonly Unit[]>) {
    super(inner)
    this.#aliases = aliases
  }

  deltasInto(ids: Int32Array, into: Float64Array): void {
    this.inner.deltasInto(ids, into)
    for (let i = 0; i < ids.length; i++) {
      const units = this.#aliases.get(tokenId(ids[i] as number))
      if (units !== undefined) into[i] = this.#valueDelta(units)
    }
  }

  override maxDeltaOutside(ids: Int32Array): number {
    let most = this.inner.maxDeltaOutside(ids)
    for (const [token, units] of this.#aliases) {
      if (!ids.includes(token)) most = Math.max(most, this.#valueDelta(units))
    }
    return most
  }

  #valueDelta(units: readonly Unit[]): number {
    const ids = Int32Array.from(units, ({ tokens }) => tokens[0] as number)
    const deltas = new Float64Array(ids.length)
    this.inner.deltasInto(ids, deltas)
    return Math.max(...deltas)
  }
}
