import type { StreamedToken, StreamQuery, Upstream } from '../../steer/upstream.ts'
import type { CircuitBreaker, CircuitPass } from './circuit-breaker.ts'
import { isBreakdown } from './transient-failure.ts'

/** The same upstream behind a circuit breaker: while it breaks down again and again, calls are refused at once. */
export function circuitBreakingUpstream(upstream: Upstream, breaker: CircuitBreaker): Upstream {
  const guarded = async <T>(ask: () => Promise<T>, { asksServer = true } = {}): Promise<T> => {
    const pass = breaker.enter()
    try {
      const answer = await ask()
      if (asksServer) pass.succeeded()
      else pass.released()
      return answer
    } catch (error) {
      tell(pass, error)
      throw error
    }
  }
  return {
    model: upstream.model,
    vocabulary: upstream.vocabulary,
    limits: upstream.limits,
    // Some kinds encode by themselves, which tells nothing of the server.
    encodeChat: (messages, signal) =>
      guarded(() => upstream.encodeChat(messages, signal), { asksServer: false }),
    distributions: (query) => guarded(() => upstream.distributions(query)),
    stream: (query) => guardedStream(upstream, query, breaker),
    close: () => upstream.close(),
  }
}

async function* guardedStream(
  upstream: Upstream,
  query: StreamQuery,
  breaker: CircuitBreaker,
): AsyncGenerator<StreamedToken, void, undefined> {
  const pass = breaker.enter()
  let answered = false
  try {
    for await (const step of upstream.stream(query)) {
      // A server that answers is there, however long the stream still runs.
      if (!answered) pass.succeeded()
      answered = true
      yield step
    }
  } catch (error) {
    tell(pass, error)
    throw error
  } finally {
    pass.released()
  }
}

function tell(pass: CircuitPass, error: unknown): void {
  if (isBreakdown(error)) pass.failed()
  else pass.released()
}
