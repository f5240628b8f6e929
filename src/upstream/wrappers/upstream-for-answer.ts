// This room owns the decorators of an upstream: it is counted, observed, retried, replicated, or left alone
// while it breaks down. They know steer's interface and its failures, and nothing of what is behind it.
import { setTimeout } from 'node:timers/promises'
import type { Upstream } from '../../steer/upstream.ts'
import { countedUpstream, type InFlightObserver } from './counted-upstream.ts'
import { RetryPolicy } from './retry-policy.ts'
import { retryingUpstream } from './retrying-upstream.ts'

export interface UpstreamForAnswerOptions {
  /** Further attempts after a transient failure. */
  readonly retries: number
  readonly onInFlight?: InFlightObserver | undefined
}

/** The same upstream for one answer: its queries are counted, and sent again after a transient failure. */
export function upstreamForAnswer(
  upstream: Upstream,
  { retries, onInFlight }: UpstreamForAnswerOptions,
): Upstream {
  const counted = onInFlight === undefined ? upstream : countedUpstream(upstream, onInFlight)
  return retryingUpstream(counted, { policy: new RetryPolicy({ retries, random: Math.random }), sleep })
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  // Rejects with an error of its own, where the signal's reason is wanted.
  await setTimeout(ms, undefined, { signal }).catch(() => signal.throwIfAborted())
}
