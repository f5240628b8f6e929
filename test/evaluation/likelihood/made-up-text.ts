import type { SteeredPosition, SteeredText } from '../../../src/evaluation/likelihood/steered-text.ts'

/** A linear congruential generator: the same numbers for the same seed. */
function numbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

function logSoftmax(scores: readonly number[]): Float64Array {
  const normaliser = Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0))
  return Float64Array.from(scores, (score) => score - normaliser)
}

/**
 * Positions whose tokens are drawn from made-up distributions over `candidates` tokens and a tail; a model
 * with another `sharpness` than 1 tells the power of them, normalised.
 */
export function madeUpText({
  seed,
  positions,
  candidates,
  sharpness = 1,
}: {
  readonly seed: number
  readonly positions: number
  readonly candidates: number
  readonly sharpness?: number
}): SteeredText {
  const random = numbers(seed)
  const made = Array.from({ length: positions }, (): SteeredPosition => {
    const scores = Array.from({ length: candidates + 1 }, () => 4 * random())
    const truth = logSoftmax(scores)
    let rest = random()
    const drawn = truth.findIndex((logprob) => {
      rest -= Math.exp(logprob)
      return rest < 0
    })
    const base = logSoftmax(scores.map((score) => sharpness * score))
    const delta = Float64Array.from(scores, () => random() - 0.5)
    return { base, delta, real: drawn === -1 ? candidates : drawn, withinTail: 0 }
  })
  return { candidates, positions: made }
}
