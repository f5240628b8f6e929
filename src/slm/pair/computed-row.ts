import type { Guess, LocalRow } from '../../steer/local-pair.ts'
import { tokenId } from '../../steer/token-id.ts'
import type { PairRows } from '../decoder/decoder.ts'
import { MisuseError } from '../engine/misuse-error.ts'

/** A row as the worker computed it: its deltas lie in this thread's memory, so that reading never waits. */
export class ComputedRow implements LocalRow {
  readonly depth: number
  /** The number by which the worker knows the row. */
  readonly row: number
  readonly publicGuesses: readonly Guess[]
  readonly privateGuesses: readonly Guess[]
  readonly neutralDelta: number
  readonly #delta: Float32Array

  constructor(
    rows: PairRows,
    index: number,
    place: { readonly row: number; readonly depth: number; readonly strength: number },
  ) {
    this.depth = place.depth
    this.row = place.row
    this.neutralDelta = place.strength === 0 ? 0 : (rows.gain[index] ?? 0) / place.strength
    const size = rows.delta.length / rows.count
    this.#delta = rows.delta.subarray(index * size, (index + 1) * size)
    const guesses = rows.publicTokens.length / rows.count
    const guessed = (tokens: Int32Array, probabilities: Float32Array): Guess[] =>
      Array.from(tokens.subarray(index * guesses, (index + 1) * guesses), (token, rank) => ({
        token: tokenId(token),
        probability: Math.min(1, probabilities[index * guesses + rank] ?? 0),
      }))
    this.publicGuesses = guessed(rows.publicTokens, rows.publicProbabilities)
    this.privateGuesses = guessed(rows.privateTokens, rows.privateProbabilities)
  }

  deltasInto(ids: Int32Array, into: Float64Array): void {
    const delta = this.#readable()
    for (let index = 0; index < ids.length; index++) into[index] = delta[ids[index] ?? 0] ?? Number.NaN
  }

  maxDeltaOutside(ids: Int32Array): number {
    const delta = this.#readable()
    const kept = new Float32Array(ids.length)
    for (let index = 0; index < ids.length; index++) kept[index] = delta[ids[index] as number] as number
    for (let index = 0; index < ids.length; index++) delta[ids[index] as number] = Number.NEGATIVE_INFINITY
    let best = Number.NEGATIVE_INFINITY
    for (let id = 0; id < delta.length; id++) if ((delta[id] as number) > best) best = delta[id] as number
    for (let index = 0; index < ids.length; index++) delta[ids[index] ?? 0] = kept[index] ?? 0
    return best
  }

  /** Its memory has gone back to the worker once the row was dropped. */
  #readable(): Float32Array {
    if (this.#delta.length === 0) throw new MisuseError('the row was dropped')
    return this.#delta
  }
}
