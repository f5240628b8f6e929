import type { Distribution } from '../steer/distribution.ts'
import type { Guess } from '../steer/local-pair.ts'
import { tokenId } from '../steer/token-id.ts'
import type { OfStreams } from './of-streams.ts'

/** Both streams' likeliest tokens at one position. */
type StreamLists = OfStreams<Distribution>

export interface ReadLists {
  /** Tokens of either list, rising. */
  readonly ids: Int32Array
  /** One for each of `ids`, nats. */
  readonly deltas: Float64Array
  /** The neutral delta of `LocalRow`. */
  readonly neutral: number
  /** The best tokens of `without + strength * delta`, best first. */
  readonly guesses: readonly Guess[]
}

interface Bounds {
  /** The most that a token outside the list can have, as a log-probability. */
  readonly with: number
  readonly without: number
}

/** Compares lists of likeliest tokens by id; keeps a table for each stream, which serves all rows. */
export class ListTables {
  readonly vocabularySize: number
  /** Log-probabilities by token; NaN for those that are not in the list that is read. */
  readonly #with: Float64Array
  readonly #without: Float64Array

  constructor(vocabularySize: number) {
    this.vocabularySize = vocabularySize
    this.#with = new Float64Array(vocabularySize).fill(Number.NaN)
    this.#without = new Float64Array(vocabularySize).fill(Number.NaN)
  }

  read(
    lists: StreamLists,
    { strength, guesses }: { readonly strength: number; readonly guesses: number },
  ): ReadLists {
    enter(this.#with, lists.with)
    enter(this.#without, lists.without)
    const ids = this.#union(lists)
    const neutral = this.#neutral(ids, lists, strength)
    const bounds = { with: unlistedBound(lists.with), without: unlistedBound(lists.without) }
    const deltas = new Float64Array(ids.length)
    const scores = new Float64Array(ids.length)
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] as number
      deltas[i] = this.#delta(id, bounds, neutral)
      const without = this.#without[id] as number
      scores[i] = (Number.isNaN(without) ? bounds.without : without) + strength * (deltas[i] as number)
    }
    for (const id of ids) {
      this.#with[id] = Number.NaN
      this.#without[id] = Number.NaN
    }
    return { ids, deltas, neutral, guesses: best(ids, scores, { count: guesses, total: strength * neutral }) }
  }

  #union(lists: StreamLists): Int32Array {
    const listed = lists.without.ids.filter((id) => !Number.isNaN(this.#without[id]))
    const others = lists.with.ids.filter(
      (id) => !Number.isNaN(this.#with[id]) && Number.isNaN(this.#without[id]),
    )
    const ids = new Int32Array(listed.length + others.length)
    ids.set(listed)
    ids.set(others, listed.length)
    return ids.sort()
  }

  #delta(id: number, bounds: Bounds, neutral: number): number {
    const withProfile = this.#with[id] as number
    const without = this.#without[id] as number
    if (Number.isNaN(withProfile)) return Math.min(neutral, bounds.with - without)
    if (Number.isNaN(without)) return Math.max(neutral, withProfile - bounds.without)
    return withProfile - without
  }

  /** What no list tells goes in as one token, with all the probability that is left to each stream. */
  #neutral(ids: Int32Array, lists: StreamLists, strength: number): number {
    if (strength === 0) return 0
    let total = 0
    let restWith = 1
    let restWithout = 1
    let least = 0
    let most = 0
    for (let i = 0; i < ids.length; i++) {
      const withProfile = this.#with[ids[i] as number] as number
      const without = this.#without[ids[i] as number] as number
      const delta = withProfile - without
      if (Number.isNaN(delta)) continue
      total += Math.exp(without + strength * delta)
      restWith -= Math.exp(withProfile)
      restWithout -= Math.exp(without)
      least = Math.min(least, delta)
      most = Math.max(most, delta)
    }
    if (restWithout > ROUNDING && !lists.without.complete) {
      // No further than the listed tokens go: what is left may be rounding.
      const delta = Math.log(Math.max(restWith, ROUNDING) / restWithout)
      total += restWithout * Math.exp(strength * Math.min(most, Math.max(least, delta)))
    }
    return total > 0 ? Math.log(total) / strength : 0
  }
}

/** Probabilities come from sums in single precision. */
const ROUNDING = 1e-6

function enter(table: Float64Array, { ids, logprobs }: Distribution): void {
  for (let i = 0; i < ids.length; i++) {
    const logprob = logprobs[i] as number
    if (logprob !== Number.NEGATIVE_INFINITY) table[ids[i] as number] = logprob
  }
}

/** A token outside the list is no likelier than its last one, nor than all that it leaves. */
function unlistedBound({ logprobs }: Distribution): number {
  let rest = 1
  let last = 0
  for (const logprob of logprobs) {
    rest -= Math.exp(logprob)
    if (logprob !== Number.NEGATIVE_INFINITY) last = logprob
  }
  return Math.min(last, Math.log(Math.max(rest, ROUNDING)))
}

/** The ids of the highest scores, which are log-probabilities but for the constant `total`. */
function best(
  ids: Int32Array,
  scores: Float64Array,
  { count, total }: { readonly count: number; readonly total: number },
): Guess[] {
  const places: number[] = []
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i] as number
    if (places.length === count && score <= (scores[places[count - 1] as number] as number)) continue
    if (places.length === count) places.pop()
    let at = places.length
    while (at > 0 && (scores[places[at - 1] as number] as number) < score) at--
    places.splice(at, 0, i)
  }
  return places.map((place) => ({
    token: tokenId(ids[place] as number),
    probability: Math.min(1, Math.exp((scores[place] as number) - total)),
  }))
}
