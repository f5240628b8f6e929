// Sampling: from one distribution and the local deltas to one token. This room owns the scores, a client's
// adjustments, greedy, top-k, min-p, top-p and the noise. It must not know decode loops or where
// distributions come from: what is picked is a function of the arguments alone.

import type { Distribution } from '../distribution.ts'
import type { LocalRow } from '../local-pair.ts'
import { logSumExp } from '../log-sum-exp.ts'
import { type TokenId, tokenId } from '../token-id.ts'
import { gumbelMax } from './gumbel-max.ts'
import { isGreedy, type Sampling } from './sampling.ts'
import { largestLiftOutside, scoreOffsets } from './score-adjustments.ts'
import { topKTopPMinP } from './top-k-top-p-min-p.ts'

export interface TokenLogprob {
  readonly token: TokenId
  /**
   * Nats, under the steered distribution at temperature 1 over the candidates, before a client's adjustments.
   */
  readonly logprob: number
}

/** The outcome of one steering step. */
export interface Selection extends TokenLogprob {
  /** The likeliest tokens of the steered distribution, best first. */
  readonly alternatives: readonly TokenLogprob[]
  /**
   * Whether no token outside the candidates could have changed the outcome. Greedy: none can beat the winner.
   * Sampling: all of them together hold at most 1e-3 of the steered probability.
   */
  readonly certified: boolean
}

/** Largest steered probability that may lie outside the candidates of a certified sampled step. */
const SAMPLED_MASS_TOLERANCE = 1e-3

export interface TokenSelectorOptions {
  /** c_T, at least 0. */
  readonly strength: number
  readonly sampling: Sampling
  /** How many alternatives to report, at least 0. */
  readonly alternatives: number
}

/**
 * Turns the upstream's candidates and the local pair's deltas into the steered token (docs/algorithm.md): the
 * scores `base + c * delta` and a client's adjustments; greedy takes the largest, sampling draws among those
 * that top-k, min-p and top-p leave. Ties go to the smaller token id. Keeps its buffers between steps; one
 * selector belongs to one answer.
 */
export class TokenSelector {
  readonly #options: TokenSelectorOptions
  /** The share of the strength that counts, [0, 1]. */
  share = 1
  #scores = new Float64Array(0)
  #deltas = new Float64Array(0)
  #adjusted = new Float64Array(0)
  #order: Uint32Array = new Uint32Array(0)
  #rankedScores = new Float64Array(0)
  #rankedIds = new Int32Array(0)

  constructor(options: TokenSelectorOptions) {
    this.#options = options
  }

  /**
   * `row` null leaves the upstream's distribution as it is. `position` counts emitted tokens from 0; they are
   * the last ones of `emitted`, which adjustments of the scores need. None of `closed` is picked.
   */
  select(
    distribution: Distribution,
    row: LocalRow | null,
    position: number,
    emitted: readonly TokenId[] = [],
    closed: ReadonlySet<TokenId> = nothing,
  ): Selection {
    const { ids } = distribution
    this.#reserve(ids.length)
    const scores = this.#steer(distribution, row)
    const open = this.#adjust(scores, ids, position, emitted)
    const { lift } = open
    const adjusted = closed.size === 0 ? open.adjusted : without(open.adjusted, ids, closed)
    const chosen = isGreedy(this.#options.sampling)
      ? likeliest(adjusted, ids)
      : this.#draw(adjusted, ids, position)
    const logNormaliser = logSumExp(scores)
    return {
      token: tokenId(at(ids, chosen)),
      logprob: at(scores, chosen) - logNormaliser,
      alternatives: this.#alternatives(scores, ids, logNormaliser),
      certified: this.#certified(distribution, row, { adjusted, chosen, lift }),
    }
  }

  /** c_T as it counts now. */
  get strength(): number {
    return this.share * this.#options.strength
  }

  #reserve(count: number): void {
    if (this.#scores.length >= count) return
    this.#scores = new Float64Array(count)
    this.#deltas = new Float64Array(count)
    this.#adjusted = new Float64Array(count)
    this.#order = new Uint32Array(count)
    this.#rankedScores = new Float64Array(count)
    this.#rankedIds = new Int32Array(count)
  }

  #steer({ ids, logprobs }: Distribution, row: LocalRow | null): Float64Array {
    const scores = this.#scores.subarray(0, ids.length)
    scores.set(logprobs)
    const { strength } = this
    if (row === null || strength === 0) return scores
    const deltas = this.#deltas.subarray(0, ids.length)
    row.deltasInto(ids, deltas)
    for (let i = 0; i < scores.length; i++) scores[i] = at(scores, i) + strength * at(deltas, i)
    return scores
  }

  /** What a token is picked by, and by how much at most a token outside the candidates is raised. */
  #adjust(
    scores: Float64Array,
    ids: Int32Array,
    position: number,
    emitted: readonly TokenId[],
  ): { adjusted: Float64Array; lift: number } {
    const { adjustments } = this.#options.sampling
    if (adjustments === undefined) return { adjusted: scores, lift: 0 }
    if (emitted.length < position) throw new RangeError('Adjustments need the emitted tokens.')
    const offsets = scoreOffsets(adjustments, emitted.slice(emitted.length - position))
    const adjusted = this.#adjusted.subarray(0, ids.length)
    for (let i = 0; i < ids.length; i++) {
      adjusted[i] = at(scores, i) + (offsets.get(tokenId(at(ids, i))) ?? 0)
    }
    return { adjusted, lift: largestLiftOutside(offsets, ids) }
  }

  /** The index of the drawn candidate. */
  #draw(scores: Float64Array, ids: Int32Array, position: number): number {
    const { sampling } = this.#options
    const order = this.#rank(scores, ids)
    const ranked = {
      ids: this.#rankedIds.subarray(0, ids.length),
      scores: this.#rankedScores.subarray(0, ids.length),
    }
    for (let rank = 0; rank < order.length; rank++) {
      ranked.ids[rank] = at(ids, at(order, rank))
      ranked.scores[rank] = at(scores, at(order, rank))
    }
    const { temperature, seed } = sampling
    const kept = topKTopPMinP(ranked.scores, sampling)
    return at(order, gumbelMax(ranked, { kept, temperature, seed, position }))
  }

  #rank(scores: Float64Array, ids: Int32Array): Uint32Array {
    const order = this.#order.subarray(0, scores.length)
    for (let i = 0; i < order.length; i++) order[i] = i
    return order.sort((a, b) => at(scores, b) - at(scores, a) || at(ids, a) - at(ids, b))
  }

  #alternatives(scores: Float64Array, ids: Int32Array, logNormaliser: number): TokenLogprob[] {
    if (this.#options.alternatives === 0) return []
    const ranked = this.#rank(scores, ids).subarray(0, this.#options.alternatives)
    return Array.from(ranked, (i) => ({ token: tokenId(at(ids, i)), logprob: at(scores, i) - logNormaliser }))
  }

  #certified(
    distribution: Distribution,
    row: LocalRow | null,
    picked: { readonly adjusted: Float64Array; readonly chosen: number; readonly lift: number },
  ): boolean {
    if (distribution.complete) return true
    const { strength } = this
    const { sampling } = this.#options
    const { ids, logprobs } = distribution
    const rest = logRemainingMass(logprobs)
    const steeringLift = row === null || strength === 0 ? 0 : strength * row.maxDeltaOutside(ids)
    const lift = steeringLift + picked.lift
    if (!isGreedy(sampling)) {
      return rest + lift <= logSumExp(picked.adjusted) + Math.log(SAMPLED_MASS_TOLERANCE)
    }
    const last = distribution.hasGaps ? Number.POSITIVE_INFINITY : at(logprobs, logprobs.length - 1)
    return at(picked.adjusted, picked.chosen) > Math.min(last, rest) + lift
  }
}

/** A copy in which the closed tokens can win only where all are closed. */
function without(scores: Float64Array, ids: Int32Array, closed: ReadonlySet<TokenId>): Float64Array {
  return scores.map((score, i) => (closed.has(tokenId(at(ids, i))) ? Number.NEGATIVE_INFINITY : score))
}

const nothing: ReadonlySet<TokenId> = new Set()

/** Upstreams compute in float32, so the candidates' probabilities may sum to this much too much. */
const MASS_ROUNDING = 1e-6

/** An upper bound of log(1 - sum of the candidates' probabilities). */
function logRemainingMass(logprobs: Float64Array): number {
  let mass = 0
  for (let i = 0; i < logprobs.length; i++) mass += Math.exp(at(logprobs, i))
  return Math.log(Math.max(0, 1 - mass) + MASS_ROUNDING)
}

/** The index of the greedy choice. */
function likeliest(scores: Float64Array, ids: Int32Array): number {
  let best = 0
  for (let i = 1; i < scores.length; i++) {
    const gain = at(scores, i) - at(scores, best)
    if (gain > 0 || (gain === 0 && at(ids, i) < at(ids, best))) best = i
  }
  return best
}

/** Reads an index that the caller knows to be in range. */
function at(values: Float64Array | Int32Array | Uint32Array, index: number): number {
  return values[index] as number
}
