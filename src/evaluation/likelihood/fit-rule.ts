import type { SteeredPosition, SteeredText } from './steered-text.ts'
import type { SteeringRule } from './steering-rule.ts'

/** Newton's method converges on these well-behaved sums within a handful. */
const MOST_STEPS = 40
const SMALL_STEP = 1e-5
const LONGEST_STEP = 1
/** A few texts that are foreseen without a fault would be likeliest at no temperature at all. */
const LEAST_SHARPNESS = 0.05
const MOST_SHARPNESS = 10
const MOST_TAIL_BIAS = 10

interface FittedText {
  readonly text: SteeredText
  /** From here on unsteered. */
  readonly closing: number
}

/**
 * The a and k (see `SteeringRule`) that make the texts likeliest at strength c, all tokens counting alike.
 * The negative log-likelihood is convex in both, so that the one minimum is found.
 */
export function fitRule(texts: readonly FittedText[], strength: number): SteeringRule {
  let sharpness = 1
  let tailBias = 0
  const sums = new MomentSums()
  for (let step = 0; step < MOST_STEPS; step++) {
    sums.clear()
    for (const { text, closing } of texts) {
      for (const [index, position] of text.positions.entries()) {
        sums.add(position, { strength: index < closing ? strength : 0, sharpness, tailBias })
      }
    }
    const [first, second] = sums.newtonStep().map((size) => within(-LONGEST_STEP, size, LONGEST_STEP)) as [
      number,
      number,
    ]
    sharpness = within(LEAST_SHARPNESS, sharpness - first, MOST_SHARPNESS)
    tailBias = within(-MOST_TAIL_BIAS, tailBias - second, MOST_TAIL_BIAS)
    if (Math.abs(first) + Math.abs(second) < SMALL_STEP) break
  }
  return { strength, sharpness, tailBias }
}

function within(least: number, value: number, most: number): number {
  return Math.min(most, Math.max(least, value))
}

/**
 * Gradient and Hessian of the negative log-likelihood: differences of moments of the score and of the
 * tail's indicator.
 */
class MomentSums {
  #gradient: [number, number] = [0, 0]
  #scoreScore = 0
  #scoreTail = 0
  #tailTail = 0

  clear(): void {
    this.#gradient = [0, 0]
    this.#scoreScore = 0
    this.#scoreTail = 0
    this.#tailTail = 0
  }

  add({ base, delta, real }: SteeredPosition, { strength, sharpness, tailBias }: SteeringRule): void {
    const tail = base.length - 1
    let peak = Number.NEGATIVE_INFINITY
    for (let index = 0; index <= tail; index++)
      peak = Math.max(peak, (base[index] as number) + strength * (delta[index] as number))
    let mass = 0
    let first = 0
    let second = 0
    let tailMass = 0
    let tailScore = 0
    for (let index = 0; index <= tail; index++) {
      const score = (base[index] as number) + strength * (delta[index] as number) - peak
      const weight = Math.exp(sharpness * score + (index === tail ? tailBias : 0))
      mass += weight
      first += weight * score
      second += weight * score * score
      if (index === tail) {
        tailMass = weight
        tailScore = score
      }
    }
    const mean = first / mass
    const share = tailMass / mass
    const own = (base[real] as number) + strength * (delta[real] as number) - peak
    this.#gradient[0] += mean - own
    this.#gradient[1] += share - (real === tail ? 1 : 0)
    this.#scoreScore += second / mass - mean * mean
    this.#scoreTail += share * (tailScore - mean)
    this.#tailTail += share * (1 - share)
  }

  /** What Newton's method subtracts from a and k. */
  newtonStep(): [number, number] {
    const [first, second] = this.#gradient
    // Where no token of the tail counts, k has no effect and the matrix no inverse.
    const ridge = 1e-9 * (this.#scoreScore + 1)
    const scoreScore = this.#scoreScore + ridge
    const tailTail = this.#tailTail + ridge
    const determinant = scoreScore * tailTail - this.#scoreTail ** 2
    return [
      (tailTail * first - this.#scoreTail * second) / determinant,
      (scoreScore * second - this.#scoreTail * first) / determinant,
    ]
  }
}
