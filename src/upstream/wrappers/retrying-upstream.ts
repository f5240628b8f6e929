import type { StreamedToken, StreamQuery, Upstream } from '../../steer/upstream.ts'
import type { RetryPolicy } from './retry-policy.ts'
import { sameUpstream } from './same-upstream.ts'
import { isBackPressure } from './transient-failure.ts'

export interface RetryingOptions {
  readonly policy: RetryPolicy
  /** Rejects with the signal's reason once aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
}

/**
 * The same upstream, for one answer: calls with a transient failure are sent again, streams only before their
 * first token. A stream that is refused for too much load while others of the answer are in flight is not:
 * then guesses are the load, and whoever guesses has to learn of it.
 */
export function retryingUpstream(upstream: Upstream, options: RetryingOptions): Upstream {
  const inFlight = { streams: 0 }
  const retrying = async <T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> => {
    for (let failures = 1; ; failures++) {
      try {
        return await ask()
      } catch (error) {
        await waitOrThrow(error, { failures, signal, ...options })
      }
    }
  }
  return sameUpstream(upstream, {
    encodeChat: (chat, signal) => retrying(() => upstream.encodeChat(chat, signal), signal),
    distributions: (query) => retrying(() => upstream.distributions(query), query.signal),
    stream: (query) => retryingStream(upstream, query, { ...options, inFlight }),
  })
}

async function* retryingStream(
  upstream: Upstream,
  query: StreamQuery,
  { inFlight, ...options }: RetryingOptions & { readonly inFlight: { streams: number } },
): AsyncGenerator<StreamedToken, void, undefined> {
  inFlight.streams++
  try {
    for (let failures = 1; ; failures++) {
      let answered = false
      try {
        for await (const step of upstream.stream(query)) {
          answered = true
          yield step
        }
        return
      } catch (error) {
        if (answered || (isBackPressure(error) && inFlight.streams > 1)) throw error
        await waitOrThrow(error, { failures, signal: query.signal, ...options })
      }
    }
  } finally {
    inFlight.streams--
  }
}

async function waitOrThrow(
  error: unknown,
  { failures, signal, policy, sleep }: RetryingOptions & { failures: number; signal: AbortSignal },
): Promise<void> {
  const waitMs = signal.aborted ? null : policy.wait(error, failures)
  if (waitMs === null) throw error
  await sleep(waitMs, signal)
}
