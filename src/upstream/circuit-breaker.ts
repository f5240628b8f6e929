import { GatewayError } from '../gateway-error.ts'
import type { Clock } from '../steer/clock.ts'

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

/** One request's way through the breaker; exactly one of its methods is called, once. */
export interface CircuitPass {
  succeeded(): void
  failed(): void
  /** It ended without telling anything of the server. */
  released(): void
}

/**
 * Leaves a server alone that breaks down again and again: after `threshold` breakdowns in a row every request is refused at
 * once for a pause, then a single one is let through, whose outcome ends the pause or begins a longer one.
 */
export class CircuitBreaker {
  readonly #where: string
  readonly #clock: Clock
  readonly #threshold: number
  readonly #firstPauseMs: number
  readonly #longestPauseMs: number
  #failuresInRow = 0
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

  /** Throws GatewayError `upstream_unreachable` with `retryAfterSeconds` while the server is left alone. */
  enter(): CircuitPass {
    const isTrial = this.#failuresInRow >= this.#threshold
    if (isTrial) {
      const waitMs = this.#trying ? this.#firstPauseMs : this.#pausedUntilMs - this.#clock.now()
      if (waitMs > 0) throw this.#refusal(waitMs)
      this.#trying = true
    }
    const end = () => {
      if (isTrial) this.#trying = false
    }
    return {
      succeeded: () => {
        end()
        this.#failuresInRow = 0
        this.#pauseMs = this.#firstPauseMs
      },
      failed: () => {
        end()
        this.#failuresInRow++
        if (isTrial) this.#pauseMs = Math.min(this.#pauseMs * 2, this.#longestPauseMs)
        // Requests that were under way when the pause began do not make it longer.
        if (!isTrial && this.#failuresInRow !== this.#threshold) return
        this.#pausedUntilMs = this.#clock.now() + this.#pauseMs
      },
      released: end,
    }
  }

  #refusal(waitMs: number): GatewayError {
    const retryAfterSeconds = Math.ceil(waitMs / 1000)
    return new GatewayError(
      'upstream_unreachable',
      `${this.#where} has failed ${this.#failuresInRow} times in a row and is left alone: try again in ${retryAfterSeconds} s. Look at its log.`,
      { retryAfterSeconds },
    )
  }
}
