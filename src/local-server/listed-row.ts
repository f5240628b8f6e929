import type { Distribution } from '../steer/distribution.ts'
import type { Guess, LocalRow } from '../steer/local-pair.ts'
import { tokenId } from '../steer/token-id.ts'
import type { ListTables } from './list-tables.ts'
import type { OfStreams } from './of-streams.ts'

const GUESSES = 8

/**
 * A local row of which only each stream's likeliest tokens are known. A token in both lists has its delta. A
 * token in one of them is at most as likely to the other as what that left out: its delta goes as far as this
 * bound allows and not beyond neutral, since more is not known. A token in neither is neutral.
 */
export class ListedRow implements LocalRow {
  readonly depth: number
  readonly publicGuesses: readonly Guess[]
  readonly privateGuesses: readonly Guess[]
  readonly neutralDelta: number
  /** Tokens of either list, rising, and their deltas. */
  readonly #ids: Int32Array
  readonly #deltas: Float64Array
  readonly #vocabularySize: number

  constructor(
    lists: OfStreams<Distribution>,
    { depth, strength, tables }: { readonly depth: number; readonly strength: number; tables: ListTables },
  ) {
    const { ids, deltas, neutral, guesses } = tables.read(lists, { strength, guesses: GUESSES })
    this.depth = depth
    this.neutralDelta = neutral
    this.#ids = ids
    this.#deltas = deltas
    this.#vocabularySize = tables.vocabularySize
    this.privateGuesses = guesses
    const { ids: likeliest, logprobs } = lists.without
    this.publicGuesses = Array.from(likeliest.subarray(0, GUESSES), (id, rank) => ({
      token: tokenId(id),
      probability: Math.min(1, Math.exp(logprobs[rank] as number)),
    }))
  }

  deltasInto(ids: Int32Array, into: Float64Array): void {
    for (let i = 0; i < ids.length; i++) {
      const place = this.#placeOf(ids[i] as number)
      into[i] = place < 0 ? this.neutralDelta : (this.#deltas[place] as number)
    }
  }

  maxDeltaOutside(ids: Int32Array): number {
    const deltas = this.#deltas
    const places = Int32Array.from(ids, (id) => this.#placeOf(id))
    const kept = Float64Array.from(places, (place) => (place < 0 ? 0 : (deltas[place] as number)))
    let unlisted = this.#vocabularySize - this.#ids.length
    for (const place of places) {
      if (place < 0) unlisted--
      else deltas[place] = Number.NEGATIVE_INFINITY
    }
    let best = unlisted > 0 ? this.neutralDelta : Number.NEGATIVE_INFINITY
    for (let i = 0; i < deltas.length; i++) best = Math.max(best, deltas[i] as number)
    for (let i = 0; i < places.length; i++) {
      const place = places[i] as number
      if (place >= 0) deltas[place] = kept[i] as number
    }
    return best
  }

  knows(id: number): boolean {
    return this.#placeOf(id) >= 0
  }

  /** Where `id` stands among those of the lists; negative when it does not. */
  #placeOf(id: number): number {
    const ids = this.#ids
    let low = 0
    let high = ids.length - 1
    while (low <= high) {
      const middle = (low + high) >>> 1
      const here = ids[middle] as number
      if (here === id) return middle
      if (here < id) low = middle + 1
      else high = middle - 1
    }
    return -1
  }
}
