import { gumbelNoise } from './gumbel-noise.ts'
import type { Sampling } from './sampling.ts'

/** Candidates by falling score (nats at temperature 1). */
export interface RankedCandidates {
  readonly ids: Int32Array
  readonly scores: Float64Array
}

export interface GumbelDraw extends Pick<Sampling, 'temperature' | 'seed'> {
  /** How many of the candidates take part, at least 1. */
  readonly kept: number
  /** Index of the token to emit, from 0. */
  readonly position: number
}

/**
 * The rank of the candidate whose score at the temperature (above 0) is largest together with its noise: a
 * sample of the softmax over those that take part, and the same one however often it is drawn.
 */
export function gumbelMax(
  { ids, scores }: RankedCandidates,
  { kept, temperature, seed, position }: GumbelDraw,
): number {
  let best = 0
  let bestNoisy = Number.NEGATIVE_INFINITY
  for (let rank = 0; rank < kept; rank++) {
    const noisy = (scores[rank] as number) / temperature + gumbelNoise(seed, position, ids[rank] as number)
    if (noisy > bestNoisy) {
      bestNoisy = noisy
      best = rank
    }
  }
  return best
}
