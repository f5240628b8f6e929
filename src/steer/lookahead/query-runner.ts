import { GatewayError } from '../../gateway-error.ts'
import type { DecodeOptions } from '../decoding/decode.ts'
import { greedy } from '../sampling/sampling.ts'
import type { Mailbox } from './mailbox.ts'
import type { PlannerAction, PlannerEvent } from './planning/planner-events.ts'

/** Most queries end so; an exception of its own would cost each a stack. */
const notNeeded = new DOMException('The guess is not needed any more.', 'AbortError')

type SendQuery = Extract<PlannerAction, { type: 'send-query' }>

/** What became of a query, with the error that the planner is not told. */
export type QueryEvent =
  | Extract<PlannerEvent, { type: 'step-answered' | 'query-ended' }>
  | (Extract<PlannerEvent, { type: 'query-failed' }> & { readonly error: unknown })

/** Runs the planner's queries as greedy streams of the upstream and reports their steps. */
export class QueryRunner {
  readonly #options: Pick<DecodeOptions, 'upstream' | 'steering' | 'signal' | 'clock' | 'counters'>
  readonly #mailbox: Pick<Mailbox<QueryEvent>, 'put'>
  readonly #running = new Map<number, AbortController>()

  constructor(
    options: Pick<DecodeOptions, 'upstream' | 'steering' | 'signal' | 'clock' | 'counters'>,
    mailbox: Pick<Mailbox<QueryEvent>, 'put'>,
  ) {
    this.#options = options
    this.#mailbox = mailbox
  }

  send(action: SendQuery): void {
    const controller = new AbortController()
    this.#running.set(action.query, controller)
    this.#options.counters.upstreamQueries++
    void this.#pump(action, controller)
  }

  /**
   * Whether an event out of the mailbox still counts: not when its query was cancelled after the event was
   * put there. A query's last event ends it.
   */
  accepts({ type, query }: QueryEvent): boolean {
    if (!this.#running.has(query)) return false
    if (type !== 'step-answered') this.#running.delete(query)
    return true
  }

  /** Stops the query at the upstream; nothing more is accepted of it. */
  cancel(query: number): void {
    const controller = this.#running.get(query)
    this.#running.delete(query)
    controller?.abort(notNeeded)
  }

  cancelAll(): void {
    for (const query of [...this.#running.keys()]) this.cancel(query)
  }

  async #pump({ query, prefix, maxTokens }: SendQuery, controller: AbortController): Promise<void> {
    const { upstream, steering, signal, clock } = this.#options
    const running = () => this.#running.get(query) === controller
    try {
      const steps = upstream.stream({
        prefix,
        candidates: steering.candidates,
        maxTokens,
        sampling: greedy,
        signal: AbortSignal.any([signal, controller.signal]),
      })
      for await (const step of steps) {
        if (!running()) return
        this.#mailbox.put({ type: 'step-answered', atMs: clock.now(), query, step })
      }
      if (running()) this.#mailbox.put({ type: 'query-ended', atMs: clock.now(), query })
    } catch (error) {
      if (!running()) return
      const retryAfterMs = error instanceof GatewayError ? (error.retryAfterSeconds ?? 0) * 1000 : 0
      this.#mailbox.put({ type: 'query-failed', atMs: clock.now(), query, retryAfterMs, error })
    }
  }
}

/**
 * A refusal may be the fault of the guesses in flight: then the position is asked again, with fewer of them.
 */
export function isRefusal(error: unknown): boolean {
  return error instanceof GatewayError && (error.code === 'upstream_refused' || error.code === 'overloaded')
}

/** What a planner is told of it. */
export function withoutError(event: QueryEvent): PlannerEvent {
  if (event.type !== 'query-failed') return event
  return { type: event.type, atMs: event.atMs, query: event.query, retryAfterMs: event.retryAfterMs }
}
