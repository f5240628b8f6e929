/** How many queries may be in flight: additive increase, multiplicative decrease, as upstreams refuse. */
export class QueryWindow {
  readonly #limit: number
  #size: number
  #holdUntilMs = Number.NEGATIVE_INFINITY

  /** `limit`: at least 1. */
  constructor(limit: number) {
    this.#limit = limit
    this.#size = limit
  }

  get size(): number {
    return Math.max(1, Math.floor(this.#size))
  }

  /** Whether guesses may be asked at all: not for as long as the upstream wished to be left alone. */
  maySpeculate(nowMs: number): boolean {
    return nowMs >= this.#holdUntilMs
  }

  answered(): void {
    this.#size = Math.min(this.#limit, this.#size + 1 / this.#size)
  }

  failed(nowMs: number, retryAfterMs: number): void {
    this.#size = Math.max(1, this.#size / 2)
    this.#holdUntilMs = Math.max(this.#holdUntilMs, nowMs + retryAfterMs)
  }
}
