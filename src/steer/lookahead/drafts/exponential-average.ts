/** A mean in which each new value has the same weight and older ones fade; the first value counts in full. */
export class ExponentialAverage {
  readonly #rate: number
  #value: number | null = null

  /** `rate`: weight of a new value, (0, 1]. */
  constructor(rate: number) {
    this.#rate = rate
  }

  add(value: number): void {
    this.#value = this.#value === null ? value : this.#value + this.#rate * (value - this.#value)
  }

  /** The mean, or `fallback` before the first value. */
  or(fallback: number): number {
    return this.#value ?? fallback
  }
}
