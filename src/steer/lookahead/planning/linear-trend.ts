export interface LinearTrendOptions {
  /** Weight of the newest sample, (0, 1]. */
  readonly rate: number
  /** The variance of counts at which the samples weigh as much as the prior slope; above 0. */
  readonly priorVariance: number
  readonly priorSlope: (meanMs: number, meanCount: number) => number
}

/**
 * How a duration grows with a count: an exponentially weighted least-squares line through
 * (count, ms), drawn towards a prior slope as long as the counts hardly vary.
 */
export class LinearTrend {
  readonly #rate: number
  readonly #priorVariance: number
  readonly #priorSlope: (meanMs: number, meanCount: number) => number
  #samples = 0
  #meanCount = 0
  #meanMs = 0
  #variance = 0
  #covariance = 0

  constructor({ rate, priorVariance, priorSlope }: LinearTrendOptions) {
    this.#rate = rate
    this.#priorVariance = priorVariance
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
    return Math.max(
      0,
      (this.#covariance + this.#priorVariance * prior) / (this.#variance + this.#priorVariance),
    )
  }

  /** Expected milliseconds at `count`; at least a tenth of the mean. */
  at(count: number): number {
    return Math.max(0.1 * this.#meanMs, this.#meanMs + this.slope * (count - this.#meanCount))
  }
}
