// This room owns what an answer tells of how it came about: each token's trace, and every request that went
// upstream for it. It must not change what it tells of.

import type { Clock } from '../../steer/clock.ts'
import type { Upstream } from '../../steer/upstream.ts'
import { observedUpstream } from '../../upstream/wrappers/observed-upstream.ts'
import type { AnswerEvent } from '../answer.ts'
import type { SentRequests } from './sent-requests.ts'

export interface TraceParts {
  readonly upstream: Upstream
  readonly clock: Clock
  /** May hold requests that were sent to prepare the answer. */
  readonly sent: SentRequests
}

/**
 * Interleaves an answer's events with every request that its upstream calls send, each before the event that
 * follows it. `answer` gets the upstream to use.
 */
export async function* tracedAnswer(
  { upstream, clock, sent }: TraceParts,
  answer: (observed: Upstream) => AsyncIterable<AnswerEvent>,
): AsyncGenerator<AnswerEvent, void, undefined> {
  const began = clock.now()
  for await (const event of answer(observedUpstream(upstream, sent.add))) {
    yield* sent.take(began)
    yield event
  }
}
