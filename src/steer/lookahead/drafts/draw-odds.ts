import type { Guess } from '../../local-pair.ts'
import { gumbelNoise } from '../../sampling/gumbel-noise.ts'
import { isGreedy, type Sampling } from '../../sampling/sampling.ts'

/**
 * How likely each guess is to be drawn at a position whose noise is known, best first. Greedy
 * answers leave the guesses as they are; sampled ones weigh them by the softmax of
 * `log(probability) / temperature + noise`, the score that selection itself takes the maximum of.
 */
export function drawOdds(guesses: readonly Guess[], sampling: Sampling, position: number): readonly Guess[] {
  const { temperature, seed } = sampling
  if (isGreedy(sampling) || guesses.length === 0) return guesses
  const scores = guesses.map(
    ({ token, probability }) =>
      Math.log(Math.max(probability, Number.MIN_VALUE)) / temperature + gumbelNoise(seed, position, token),
  )
  const peak = Math.max(...scores)
  const weights = scores.map((score) => Math.exp(score - peak))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return guesses
    .map(({ token }, i) => ({ token, probability: (weights[i] ?? 0) / total }))
    .sort((a, b) => b.probability - a.probability || a.token - b.token)
}
