/** How firmly the claim is believed at first: the precisions of shift and slope. */
const BELIEF = 8
/** Older observations fade. */
const DECAY = 0.995
/** Claims are told apart up to this far from 0 and 1. */
const LEAST_DOUBT = 1e-3
const slopes = { least: 0.2, most: 3 } as const

/**
 * Learns how often guesses come true that claim a probability:
 * `sigmoid(shift + slope * logit(claim))`, by one Newton step for each observation. At
 * first it believes the claim; a higher claim always stays the likelier one.
 */
export class Calibration {
  #shift = 0
  #slope = 1
  // What the observations tell about shift and slope, beyond the first belief.
  #ofShift = 0
  #ofBoth = 0
  #ofSlope = 0

  observe(claimed: number, cameTrue: boolean): void {
    const claim = logit(claimed)
    const expected = sigmoid(this.#shift + this.#slope * claim)
    const weight = expected * (1 - expected)
    this.#ofShift = DECAY * this.#ofShift + weight
    this.#ofBoth = DECAY * this.#ofBoth + weight * claim
    this.#ofSlope = DECAY * this.#ofSlope + weight * claim * claim
    const surprise = (cameTrue ? 1 : 0) - expected
    const shift = BELIEF + this.#ofShift
    const slope = BELIEF + this.#ofSlope
    const determinant = shift * slope - this.#ofBoth * this.#ofBoth
    this.#shift += (surprise * (slope - this.#ofBoth * claim)) / determinant
    const moved = this.#slope + (surprise * (shift * claim - this.#ofBoth)) / determinant
    this.#slope = Math.min(slopes.most, Math.max(slopes.least, moved))
  }

  /** Probability that a guess with this claim comes true, [0, 1]. */
  probability(claimed: number): number {
    return sigmoid(this.#shift + this.#slope * logit(claimed))
  }
}

function logit(probability: number): number {
  const bounded = Math.min(1 - LEAST_DOUBT, Math.max(LEAST_DOUBT, probability))
  return Math.log(bounded / (1 - bounded))
}

function sigmoid(x: number) {
  return 1 / (1 + Math.exp(-x))
}
