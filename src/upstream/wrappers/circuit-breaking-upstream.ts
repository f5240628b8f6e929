import type { GatewayError } from '../../gateway-error.ts'
import type { StreamedToken, StreamQuery, Upstream } from '../../steer/upstream.ts'
import type { CircuitBreaker, CircuitPass } from './circuit-breaker.ts'
import { sameUpstream } from './same-upstream.ts'
import { isBreakdown } from './transient-failure.ts'

export interface CircuitBreakingOptions {
  readonly breaker: CircuitBreaker
  /** Told of everything that says how the server is: null where it answered, else its breakdown. */
  readonly onContact?: (failure: GatewayError | null) => void
}

/**
 * The same upstream behind a circuit breaker: while it breaks down again and again, calls are refused at
 * once.
 */
export function circuitBreakingUpstream(upstream: Upstream, options: CircuitBreakingOptions): Upstream {
  const guarded = async <T>(ask: () => Promise<T>, { asksServer = true } = {}): Promise<T> => {
    const contact = new Contact(options)
    try {
      const answer = await ask()
      if (asksServer) contact.answered()
      return answer
    } catch (error) {
      contact.failed(error)
      throw error
    } finally {
      contact.ended()
    }
  }
  return sameUpstream(upstream, {
    // Some kinds encode by themselves, which tells nothing of the server.
    encodeChat: (chat, signal) => guarded(() => upstream.encodeChat(chat, signal), { asksServer: false }),
    distributions: (query) => guarded(() => upstream.distributions(query)),
    stream: (query) => guardedStream(upstream, query, options),
  })
}

async function* guardedStream(
  upstream: Upstream,
  query: StreamQuery,
  options: CircuitBreakingOptions,
): AsyncGenerator<StreamedToken, void, undefined> {
  const contact = new Contact(options)
  let hasBegun = false
  try {
    for await (const step of upstream.stream(query)) {
      // A server that answers is there, however long the stream still runs.
      if (!hasBegun) contact.answered()
      hasBegun = true
      yield step
    }
  } catch (error) {
    contact.failed(error)
    throw error
  } finally {
    contact.ended()
  }
}

/** One call, told to the breaker and to whoever watches the server. */
class Contact {
  readonly #pass: CircuitPass
  readonly #onContact: CircuitBreakingOptions['onContact']

  /** Throws while the breaker leaves the server alone. */
  constructor({ breaker, onContact }: CircuitBreakingOptions) {
    this.#pass = breaker.enter()
    this.#onContact = onContact
  }

  answered(): void {
    this.#pass.succeeded()
    this.#onContact?.(null)
  }

  failed(error: unknown): void {
    if (!isBreakdown(error)) return
    this.#pass.failed()
    this.#onContact?.(error)
  }

  ended(): void {
    this.#pass.released()
  }
}
