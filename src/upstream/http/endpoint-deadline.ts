import { setMaxListeners } from 'node:events'
import { GatewayError } from '../../gateway-error.ts'

/** How long an endpoint may stay silent. There is no limit on the whole reply. */
export interface EndpointTimeouts {
  readonly connectMs: number
  /**
   * From the request to the first content of the reply, which of a stream is its first event that says
   * something: servers read a long prompt in silence, many behind a status and headers.
   */
  readonly firstByteMs: number
  /** Between two pieces of a reply that has begun so. */
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
  /** Nothing but content ends the wait. */
  #forContent = false
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

  /** Starts the wait for the reply's first content, which no piece without any prolongs. */
  expectContentWithin(ms: number): void {
    this.#forContent = true
    this.#wait(ms, `sent no part of an answer for ${ms / 1000} s`)
  }

  /** Starts (or starts again) the wait for the next piece, whatever it is. */
  expectWithin(ms: number): void {
    this.#forContent = false
    this.#waitMs = ms
    this.#wait(ms, `sent nothing for ${ms / 1000} s`)
  }

  /** Restarts the wait at its last length: a piece has come. */
  refresh(): void {
    if (!this.#forContent) this.#timer?.refresh()
  }

  /** Stops the wait while the reader, not the server, is busy. */
  pause(): void {
    if (!this.#forContent) clearTimeout(this.#timer)
  }

  resume(): void {
    if (!this.#forContent) this.expectWithin(this.#waitMs)
  }

  #wait(ms: number, silence: string): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      const message = `${this.#where} ${silence}. Check its load, or raise its timeouts.`
      this.#controller.abort(new GatewayError('upstream_timeout', message))
    }, ms)
  }

  /** Stops the clock; with `stop` also the request, which is a no-op once the reply is complete. */
  end(stop: boolean): void {
    clearTimeout(this.#timer)
    this.#caller.removeEventListener('abort', this.#forward)
    if (stop) this.#controller.abort(ended)
  }
}
