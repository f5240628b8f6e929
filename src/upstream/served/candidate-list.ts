import type { Distribution } from '../../steer/distribution.ts'
import { invalidReply } from '../http/endpoint-failure.ts'

/** The servers write -Infinity as a floor: vLLM -9999, llama.cpp the lowest float. */
const FLOOR = -9_999
/** Rounding may lift a logarithm of a probability above 0 by this much. */
const ROUNDING = 1e-3

/**
 * Gathers one distribution from an upstream's reply, in any order, and checks it: ids are rows of the
 * upstream's model, log-probabilities are numbers of at most 0. Rows beyond the vocabulary are padding and
 * dropped.
 */
export class CandidateList {
  readonly #where: string
  readonly #vocabularySize: number
  readonly #rows: number
  readonly #wholeVocabulary: number
  readonly #ids: number[] = []
  readonly #logprobs: number[] = []
  #padding = 0

  constructor(size: { readonly where: string; readonly vocabularySize: number; readonly rows: number }) {
    this.#where = size.where
    this.#vocabularySize = size.vocabularySize
    this.#rows = Math.max(size.rows, size.vocabularySize)
    this.#wholeVocabulary = Math.min(size.rows, size.vocabularySize)
  }

  /** Throws GatewayError `upstream_invalid_reply`. */
  add(id: unknown, logprob: unknown): void {
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= this.#rows) {
      throw invalidReply(this.#where, 'a token id outside the vocabulary')
    }
    if (typeof logprob !== 'number' || !(logprob <= ROUNDING)) {
      throw invalidReply(this.#where, 'a log-probability that is not a number of at most 0')
    }
    if (id >= this.#vocabularySize) this.#padding++
    else {
      this.#ids.push(id)
      this.#logprobs.push(logprob <= FLOOR ? Number.NEGATIVE_INFINITY : logprob)
    }
  }

  /** The best `candidates` of them. Throws GatewayError `upstream_invalid_reply` when there are fewer. */
  distribution(candidates: number): Distribution {
    const ids = this.#ids
    const count = Math.min(candidates, this.#vocabularySize)
    if (ids.length + this.#padding < count) {
      throw invalidReply(this.#where, `${ids.length} candidates instead of ${count}`)
    }
    const kept = Math.min(count, ids.length)
    const order = this.#order()
    const result = { ids: new Int32Array(kept), logprobs: new Float64Array(kept) }
    for (let rank = 0; rank < kept; rank++) {
      const at = order === null ? rank : (order[rank] ?? 0)
      result.ids[rank] = ids[at] ?? 0
      result.logprobs[rank] = this.#logprobs[at] ?? 0
    }
    return { ...result, complete: kept >= this.#wholeVocabulary }
  }

  /** Indices in falling order, ties by id; null when they are in order as they came. */
  #order(): Uint32Array | null {
    const ids = this.#ids
    const logprobs = this.#logprobs
    const compare = (a: number, b: number): number => {
      const left = logprobs[a] ?? 0
      const right = logprobs[b] ?? 0
      return left === right ? (ids[a] ?? 0) - (ids[b] ?? 0) : right - left
    }
    for (let i = 1; i < ids.length; i++) {
      if (compare(i - 1, i) > 0) return Uint32Array.from(ids.keys()).sort(compare)
    }
    return null
  }
}
