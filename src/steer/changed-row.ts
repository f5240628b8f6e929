import type { Guess, LocalRow } from './local-pair.ts'

/** A local row to select from, not to feed from, with other deltas than the row inside it. */
export abstract class ChangedRow implements LocalRow {
  readonly depth: number
  protected readonly inner: LocalRow

  constructor(inner: LocalRow) {
    this.depth = inner.depth
    this.inner = inner
  }

  get publicGuesses(): readonly Guess[] {
    return this.inner.publicGuesses
  }

  get privateGuesses(): readonly Guess[] {
    return this.inner.privateGuesses
  }

  get neutralDelta(): number {
    return this.inner.neutralDelta
  }

  abstract deltasInto(ids: Int32Array, into: Float64Array): void

  maxDeltaOutside(ids: Int32Array): number {
    return this.inner.maxDeltaOutside(ids)
  }

  knows(id: number): boolean {
    return this.inner.knows?.(id) ?? true
  }
}
