import { GatewayError } from '../../gateway-error.ts'
import type { Clock } from '../../steer/clock.ts'
import { UpstreamRefusal } from '../http/upstream-refusal.ts'

export interface ServerHealthOptions {
  /** Whether the circuit breaker refuses requests now. */
  readonly isLeftAlone: () => boolean
  /** Asks the server something cheap. Rejects with GatewayError, or with the signal's reason. */
  readonly ask: (signal: AbortSignal) => Promise<void>
  readonly clock: Clock
}

/** A contact tells how the server is for so long, milliseconds. */
const FRESH_MS = 3_000
/** Those who ask for readiness give up after a few seconds themselves. */
const DEADLINE_MS = 2_000

/**
 * Whether a server can answer: as the last contact with it went, whoever made it. Where that is a while ago
 * it is asked, once for all who want to know, and never while the circuit breaker leaves it alone.
 */
export class ServerHealth {
  readonly #options: ServerHealthOptions
  #contactAtMs: number
  /** Why the last contact failed; null when it did not. */
  #failure: GatewayError | null = null
  #asking: Promise<void> | null = null

  /** For a server that has just answered. */
  constructor(options: ServerHealthOptions) {
    this.#options = options
    this.#contactAtMs = options.clock.now()
  }

  /** A request has reached the server, or failed on the way or there. */
  contacted(failure: GatewayError | null): void {
    this.#contactAtMs = this.#options.clock.now()
    this.#failure = failure
  }

  /**
   * What keeps it from answering, as the end of a sentence that begins with its name; null when nothing is
   * known.
   */
  async obstacle(): Promise<string | null> {
    const { isLeftAlone, clock } = this.#options
    const isStale = clock.now() - this.#contactAtMs >= FRESH_MS
    if (isStale && !isLeftAlone()) {
      this.#asking ??= this.#ask().finally(() => {
        this.#asking = null
      })
      await this.#asking
    }
    if (isLeftAlone()) return 'is left alone for a while after several failures in a row'
    return this.#failure === null ? null : obstacleOf(this.#failure)
  }

  async #ask(): Promise<void> {
    const signal = AbortSignal.timeout(DEADLINE_MS)
    try {
      await this.#options.ask(signal)
      this.contacted(null)
    } catch (failure) {
      if (signal.aborted) this.contacted(new GatewayError('upstream_timeout', 'It did not answer in time.'))
      else if (failure instanceof GatewayError) this.contacted(failure)
      else throw failure
    }
  }
}

/** Without the server's address: whoever may ask for readiness need not know it. */
function obstacleOf(failure: GatewayError): string {
  if (failure instanceof UpstreamRefusal) return `refuses requests (HTTP ${failure.status})`
  if (failure.code === 'upstream_unreachable') return 'cannot be reached'
  return failure.code === 'upstream_timeout'
    ? 'does not answer in time'
    : 'gives replies that are not as expected'
}
