/**
 * How a duration grows with a count: an exponentially weighted least-squares line through (count, ms), drawn towards a
 * prior slope as long as the counts hardly vary.
 */
export class LinearTrend {
  readonly #rate: number
  readonly #priorSlope: (meanMs: number, meanCount: number) => number
  #samples = 0
  #meanCount = 0
  #meanMs = 0
  #variance = 0
  #covariance = 0

  constructor(rate: number, priorSlope: (meanMs: number, meanCount: number) => number) {
    this.#rate = rate
    this.#priorSlope = priorSlope
  }

  get known(): boolean {
    return this.#samples > 0
  }

  add(count: number, ms: number): void {
    this.#samples++
    const weight = Math.max(this.#rate, 1 / this.#samples)
    const offCount = count - this.#meanCount
    const offMs = ms - this.#meanMs
    this.#meanCount += weight * offCount
    this.#meanMs += weight * offMs
    this.#variance = (1 - weight) * (this.#variance + weight * offCount * offCount)
    this.#covariance = (1 - weight) * (this.#covariance + weight * offCount * offMs)
  }

  /** Milliseconds that one more costs, at least 0. */
  get slope(): number {
    const prior = this.#priorSlope(this.#meanMs, this.#meanCount)
    return Math.max(0, (this.#covariance + PRIOR_VARIANCE * prior) / (this.#variance + PRIOR_VARIANCE))
  }

  /** Expected milliseconds at `count`; at least a tenth of the mean. */
  at(count: number): number {
    return Math.max(0.1 * this.#meanMs, this.#meanMs + this.slope * (count - this.#meanCount))
  }
}

/** The variance of counts at which half of the slope is believed. */
const PRIOR_VARIANCE = 0.5
