import type { Clock } from '../../steer/clock.ts'
import { UnconnectedError } from '../http/unconnected-error.ts'

export interface CircuitBreakerOptions {
  /** Names the server in errors. */
  readonly where: string
  readonly clock: Clock
  /** Breakdowns in a row after which it is left alone. Default 5. */
  readonly threshold?: number
  /** The first pause; each failed attempt to end it doubles it. Default 1,000. */
  readonly pauseMs?: number
  /** Default 30,000. */
  readonly longestPauseMs?: number
}

/**
 * One request's way through the breaker. One of the methods must be called; a stream that has succeeded may
 * fail later.
 */
export interface CircuitPass {
  succeeded(): void
  failed(): void
  /** It ended, and told nothing more of the server. */
  released(): void
}

/**
 * Leaves a server alone that breaks down again and again: after `threshold` breakdowns in a row every request
 * is refused at once for a pause, then a single one is let through, whose outcome ends the pause or begins a
 * longer one. Requests that were under way together and fail together are one breakdown.
 */
export class CircuitBreaker {
  readonly #where: string
  readonly #clock: Clock
  readonly #threshold: number
  readonly #firstPauseMs: number
  readonly #longestPauseMs: number
  #failuresInRow = 0
  /** How often it has broken down, ever. */
  #breakdowns = 0
  #pauseMs: number
  #pausedUntilMs = Number.NEGATIVE_INFINITY
  #trying = false

  constructor({
    where,
    clock,
    threshold = 5,
    pauseMs = 1_000,
    longestPauseMs = 30_000,
  }: CircuitBreakerOptions) {
    this.#where = where
    this.#clock = clock
    this.#threshold = threshold
    this.#firstPauseMs = pauseMs
    this.#longestPauseMs = longestPauseMs
    this.#pauseMs = pauseMs
  }

  /** Whether requests are refused now. */
  get isOpen(): boolean {
    return this.#waitMs() > 0
  }

  /** Throws UnconnectedError with `retryAfterSeconds` while the server is left alone. */
  enter(): CircuitPass {
    const waitMs = this.#waitMs()
    if (waitMs > 0) throw this.#refusal(waitMs)
    const isTrial = this.#failuresInRow >= this.#threshold
    if (isTrial) this.#trying = true
    const breakdownsBefore = this.#breakdowns
    let onTrial = isTrial
    const end = () => {
      if (onTrial) this.#trying = false
      onTrial = false
    }
    return {
      succeeded: () => {
        end()
        this.#failuresInRow = 0
        this.#pauseMs = this.#firstPauseMs
      },
      failed: () => {
        const failedTrial = onTrial
        end()
        if (this.#breakdowns === breakdownsBefore) this.#breaksDown(failedTrial)
      },
      released: end,
    }
  }

  #waitMs(): number {
    if (this.#failuresInRow < this.#threshold) return 0
    return this.#trying ? this.#firstPauseMs : this.#pausedUntilMs - this.#clock.now()
  }

  #breaksDown(failedTrial: boolean): void {
    this.#breakdowns++
    this.#failuresInRow++
    if (failedTrial) this.#pauseMs = Math.min(this.#pauseMs * 2, this.#longestPauseMs)
    if (this.#failuresInRow >= this.#threshold) this.#pausedUntilMs = this.#clock.now() + this.#pauseMs
  }

  #refusal(waitMs: number): UnconnectedError {
    const retryAfterSeconds = Math.ceil(waitMs / 1000)
    return new UnconnectedError(
      `${this.#where} has failed ${this.#failuresInRow} times in a row and is left alone: try again in ${retryAfterSeconds} s. Look at its log.`,
      { retryAfterSeconds },
    )
  }
}
