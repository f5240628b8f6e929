/** How many queries may be in flight: additive increase, multiplicative decrease, as upstreams refuse. */
export class InFlightLimit {
  readonly #limit: number
  #size: number
  #holdUntilMs = Number.NEGATIVE_INFINITY
  /**
   * From a failure to the next sign of life: only what the answer cannot go on without is asked meanwhile.
   */
  #silent = false

  /** `limit`: at least 1. */
  constructor(limit: number) {
    this.#limit = limit
    this.#size = limit
  }

  get size(): number {
    return Math.max(1, Math.floor(this.#size))
  }

  /**
   * Whether guesses may be asked at all: not while the upstream fails, nor for as long as
   * it wished to be left alone.
   */
  maySpeculate(nowMs: number): boolean {
    return !this.#silent && nowMs >= this.#holdUntilMs
  }

  /** A step has come. */
  heard(): void {
    this.#silent = false
  }

  /** A query has its first step. */
  answered(): void {
    this.#size = Math.min(this.#limit, this.#size + 1 / this.#size)
  }

  failed(nowMs: number, retryAfterMs: number): void {
    this.#silent = true
    this.#size = Math.max(1, this.#size / 2)
    this.#holdUntilMs = Math.max(this.#holdUntilMs, nowMs + retryAfterMs)
  }
}
