import type { Guess, LocalRow } from '../local-pair.ts'
import { tokenId } from '../token-id.ts'
import type { AlignedDeltas } from './aligned-deltas.ts'
import { UNALIGNED } from './vocabulary-alignment.ts'

interface AlignedRowParts {
  readonly depth: number
  /** The row behind the last local token. */
  readonly inner: LocalRow
  readonly deltas: AlignedDeltas
  /** For each local token the upstream's, or UNALIGNED. */
  readonly counterparts: Int32Array
}

/** A local row in the upstream's token ids. */
export class AlignedRow implements LocalRow {
  readonly depth: number
  readonly inner: LocalRow
  readonly #parts: AlignedRowParts
  #publicGuesses: readonly Guess[] | null = null
  #privateGuesses: readonly Guess[] | null = null

  constructor(parts: AlignedRowParts) {
    this.depth = parts.depth
    this.inner = parts.inner
    this.#parts = parts
  }

  get publicGuesses(): readonly Guess[] {
    this.#publicGuesses ??= this.#translated(this.inner.publicGuesses)
    return this.#publicGuesses
  }

  get privateGuesses(): readonly Guess[] {
    this.#privateGuesses ??= this.#translated(this.inner.privateGuesses)
    return this.#privateGuesses
  }

  get neutralDelta(): number {
    return this.inner.neutralDelta
  }

  deltasInto(ids: Int32Array, into: Float64Array): void {
    this.#parts.deltas.into(this.inner, ids, into)
  }

  maxDeltaOutside(ids: Int32Array): number {
    return this.#parts.deltas.maxOutside(this.inner, ids)
  }

  knows(id: number): boolean {
    return this.#parts.deltas.knows(this.inner, id)
  }

  #translated(guesses: readonly Guess[]): Guess[] {
    const { counterparts } = this.#parts
    return guesses.flatMap(({ token, probability }) => {
      const counterpart = counterparts[token] ?? UNALIGNED
      return counterpart === UNALIGNED ? [] : [{ token: tokenId(counterpart), probability }]
    })
  }
}
