import type { Sampling } from './sampling.ts'

export interface Truncation extends Pick<Sampling, 'temperature' | 'topK' | 'topP' | 'minP'> {
  /**
   * What `topP` is a share of. `candidates` (default): their own probability at the temperature, as if they
   * were the vocabulary. `vocabulary`: all probability; the scores are then its log-probabilities at this
   * temperature.
   */
  readonly massOf?: 'candidates' | 'vocabulary'
}

/**
 * How many of the candidates top-k, min-p and top-p leave, the likeliest ones, at least one. `scores` are
 * nats at temperature 1, sorted falling, one or more; the temperature is above 0.
 */
export function topKTopPMinP(
  scores: Float64Array,
  { temperature, topK, topP, minP = 0, massOf = 'candidates' }: Truncation,
): number {
  const best = scores[0] as number
  let limit = topK > 0 ? Math.min(topK, scores.length) : scores.length
  if (minP > 0) {
    const least = best + temperature * Math.log(minP)
    while (limit > 1 && (scores[limit - 1] as number) < least) limit--
  }
  const isWhole = massOf === 'vocabulary'
  if (topP >= 1 && !isWhole) return limit
  const peak = isWhole ? 0 : best
  let total = isWhole ? 1 : 0
  if (!isWhole)
    for (let rank = 0; rank < limit; rank++)
      total += Math.exp(((scores[rank] as number) - peak) / temperature)
  let kept = 0
  for (let mass = 0; kept < limit && mass < topP * total; kept++) {
    mass += Math.exp(((scores[kept] as number) - peak) / temperature)
  }
  return Math.max(1, kept)
}
