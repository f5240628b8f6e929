import type { Distribution } from '../distribution.ts'
import type { LocalRow } from '../local-pair.ts'
import { type TokenId, tokenId } from '../token-id.ts'
import { gumbelNoise } from './gumbel-noise.ts'
import type { Sampling } from './sampling.ts'
import { largestLiftOutside, scoreOffsets } from './score-adjustments.ts'

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
   * Sampling: all of them together hold at most `sampledMassTolerance` of the steered probability.
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
 * Turns the upstream's candidates and the local pair's deltas into the steered token
 * (docs/algorithm.md): `s = (base + c * delta) / temperature`, min-p, top-k and top-p, plus Gumbel noise,
 * argmax. Ties go to the smaller token id. Keeps its buffers between steps; one selector belongs to one
 * answer.
 */
export class TokenSelector {
  readonly #options: TokenSelectorOptions
  #scores = new Float64Array(0)
  #deltas = new Float64Array(0)
  #adjusted = new Float64Array(0)
  #order: Uint32Array = new Uint32Array(0)

  constructor(options: TokenSelectorOptions) {
    this.#options = options
  }

  /**
   * `row` null leaves the upstream's distribution as it is. `position` counts emitted tokens
   * from 0; they are the last ones of `prefix`, which adjustments of the scores need.
   */
  select(
    distribution: Distribution,
    row: LocalRow | null,
    position: number,
    prefix: readonly TokenId[] = [],
  ): Selection {
    const { ids } = distribution
    this.#reserve(ids.length)
    const scores = this.#steer(distribution, row)
    const { adjusted, lift } = this.#adjust(scores, ids, position, prefix)
    const best = argmax(adjusted, ids)
    const chosen = this.#options.sampling.temperature === 0 ? best : this.#sample(adjusted, ids, position)
    const logNormaliser = logSumExp(scores)
    return {
      token: tokenId(at(ids, chosen)),
      logprob: at(scores, chosen) - logNormaliser,
      alternatives: this.#alternatives(scores, ids, logNormaliser),
      certified: this.#certified(distribution, row, adjusted, lift),
    }
  }

  #reserve(count: number): void {
    if (this.#scores.length >= count) return
    this.#scores = new Float64Array(count)
    this.#deltas = new Float64Array(count)
    this.#adjusted = new Float64Array(count)
    this.#order = new Uint32Array(count)
  }

  #steer({ ids, logprobs }: Distribution, row: LocalRow | null): Float64Array {
    const scores = this.#scores.subarray(0, ids.length)
    scores.set(logprobs)
    const { strength } = this.#options
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
    prefix: readonly TokenId[],
  ): { adjusted: Float64Array; lift: number } {
    const { adjustments } = this.#options.sampling
    if (adjustments === undefined) return { adjusted: scores, lift: 0 }
    if (prefix.length < position) throw new RangeError('Adjustments need the emitted tokens.')
    const offsets = scoreOffsets(adjustments, prefix.slice(prefix.length - position))
    const adjusted = this.#adjusted.subarray(0, ids.length)
    for (let i = 0; i < ids.length; i++) {
      adjusted[i] = at(scores, i) + (offsets.get(tokenId(at(ids, i))) ?? 0)
    }
    return { adjusted, lift: largestLiftOutside(offsets, ids) }
  }

  #sample(scores: Float64Array, ids: Int32Array, position: number): number {
    const { temperature, seed } = this.#options.sampling
    const kept = this.#keep(scores, ids)
    let chosen = at(kept, 0)
    let bestNoisy = Number.NEGATIVE_INFINITY
    for (let rank = 0; rank < kept.length; rank++) {
      const i = at(kept, rank)
      const noisy = at(scores, i) / temperature + gumbelNoise(seed, position, at(ids, i))
      if (noisy > bestNoisy) {
        bestNoisy = noisy
        chosen = i
      }
    }
    return chosen
  }

  /** Indices of the candidates that min-p, top-k and top-p leave, in this order, best first; at least one. */
  #keep(scores: Float64Array, ids: Int32Array): Uint32Array {
    const { temperature, topP, topK, minP = 0 } = this.#options.sampling
    const order = this.#rank(scores, ids)
    const peak = at(scores, at(order, 0))
    let limit = topK > 0 ? Math.min(topK, order.length) : order.length
    if (minP > 0) {
      const least = peak + temperature * Math.log(minP)
      while (limit > 1 && at(scores, at(order, limit - 1)) < least) limit--
    }
    if (topP >= 1) return order.subarray(0, limit)
    let total = 0
    for (let rank = 0; rank < limit; rank++)
      total += Math.exp((at(scores, at(order, rank)) - peak) / temperature)
    let kept = 0
    for (let mass = 0; kept < limit && mass < topP * total; kept++) {
      mass += Math.exp((at(scores, at(order, kept)) - peak) / temperature)
    }
    return order.subarray(0, Math.max(1, kept))
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
    adjusted: Float64Array,
    adjustmentLift: number,
  ): boolean {
    if (distribution.complete) return true
    const { strength, sampling } = this.#options
    const { ids, logprobs } = distribution
    const rest = logRemainingMass(logprobs)
    const steeringLift = row === null || strength === 0 ? 0 : strength * row.maxDeltaOutside(ids)
    const lift = steeringLift + adjustmentLift
    if (sampling.temperature > 0) return rest + lift <= logSumExp(adjusted) + Math.log(SAMPLED_MASS_TOLERANCE)
    const best = at(adjusted, argmax(adjusted, ids))
    const last = distribution.hasGaps ? Number.POSITIVE_INFINITY : at(logprobs, logprobs.length - 1)
    return best > Math.min(last, rest) + lift
  }
}

/** Upstreams compute in float32, so the candidates' probabilities may sum to this much too much. */
const MASS_ROUNDING = 1e-6

/** An upper bound of log(1 - sum of the candidates' probabilities). */
function logRemainingMass(logprobs: Float64Array): number {
  let mass = 0
  for (let i = 0; i < logprobs.length; i++) mass += Math.exp(at(logprobs, i))
  return Math.log(Math.max(0, 1 - mass) + MASS_ROUNDING)
}

function logSumExp(values: Float64Array): number {
  let peak = Number.NEGATIVE_INFINITY
  for (let i = 0; i < values.length; i++) peak = Math.max(peak, at(values, i))
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += Math.exp(at(values, i) - peak)
  return peak + Math.log(sum)
}

function argmax(scores: Float64Array, ids: Int32Array): number {
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
