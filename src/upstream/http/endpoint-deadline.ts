import { setMaxListeners } from 'node:events'
import { GatewayError } from '../../gateway-error.ts'

/** How long an endpoint may stay silent. There is no limit on the whole reply. */
export interface EndpointTimeouts {
  readonly connectMs: number
  /** From the request to the first byte of the reply: it covers the prefill of a long prompt. */
  readonly firstByteMs: number
  /** Between two pieces of a reply. */
  readonly idleMs: number
}

export const defaultTimeouts: EndpointTimeouts = { connectMs: 5_000, firstByteMs: 300_000, idleMs: 60_000 }

/** Nobody sees it; without one, every abort makes an exception with a stack of its own. */
const ended = new Error('The request has ended.')

/**
 * One request's clock: `signal` aborts with the caller's reason, or with GatewayError `upstream_timeout` when
 * the next piece of the reply is overdue.
 */
export class EndpointDeadline {
  readonly #controller = new AbortController()
  readonly #caller: AbortSignal
  readonly #where: string
  #timer: NodeJS.Timeout | undefined
  #waitMs = 0
  readonly #forward = () => this.#controller.abort(this.#caller.reason)

  constructor(caller: AbortSignal, where: string) {
    this.#caller = caller
    this.#where = where
    // One answer's signal may have many requests under way, which Node would take for a leak.
    setMaxListeners(0, caller)
    if (caller.aborted) this.#forward()
    else caller.addEventListener('abort', this.#forward, { once: true })
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Starts (or starts again) the wait for the next piece. */
  expectWithin(ms: number): void {
    clearTimeout(this.#timer)
    this.#waitMs = ms
    this.#timer = setTimeout(() => {
      const message = `${this.#where} sent nothing for ${ms / 1000} s. Check its load, or raise its timeouts.`
      this.#controller.abort(new GatewayError('upstream_timeout', message))
    }, ms)
  }

  /** Restarts the wait at its last length: a piece has come. */
  refresh(): void {
    this.#timer?.refresh()
  }

  /** Stops the wait while the reader, not the server, is busy. */
  pause(): void {
    clearTimeout(this.#timer)
  }

  resume(): void {
    this.expectWithin(this.#waitMs)
  }

  /** Stops the clock; with `stop` also the request, which is a no-op once the reply is complete. */
  end(stop: boolean): void {
    clearTimeout(this.#timer)
    this.#caller.removeEventListener('abort', this.#forward)
    if (stop) this.#controller.abort(ended)
  }
}
