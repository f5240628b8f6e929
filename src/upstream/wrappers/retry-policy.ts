import { GatewayError } from '../../gateway-error.ts'
import { isTransient } from './transient-failure.ts'

export interface RetryPolicyOptions {
  /** Attempts after the first one. */
  readonly retries: number
  /** [0, 1) */
  readonly random: () => number
  /** The first wait is up to this long; each further one up to twice the one before. Default 250. */
  readonly waitMs?: number
  /** The longest wait, also where the server names one: a longer one is left to the client. Default 8,000. */
  readonly longestWaitMs?: number
}

/** Decides whether a failed request is sent again, and when. */
export class RetryPolicy {
  readonly #retries: number
  readonly #random: () => number
  readonly #waitMs: number
  readonly #longestWaitMs: number

  constructor({ retries, random, waitMs = 250, longestWaitMs = 8_000 }: RetryPolicyOptions) {
    this.#retries = retries
    this.#random = random
    this.#waitMs = waitMs
    this.#longestWaitMs = longestWaitMs
  }

  /**
   * Milliseconds to wait before the next attempt, `failures` of which have failed; null when there is to be
   * none.
   */
  wait(error: unknown, failures: number): number | null {
    if (failures > this.#retries || !isTransient(error)) return null
    const named = error instanceof GatewayError ? error.retryAfterSeconds : null
    if (named !== null && named * 1000 > this.#longestWaitMs) return null
    const longest = Math.min(this.#longestWaitMs, this.#waitMs * 2 ** (failures - 1))
    const jitter = this.#random() * longest
    // Clients that were refused together do not come back together.
    return named === null ? jitter : Math.min(named * 1000 + jitter / 4, this.#longestWaitMs)
  }
}
