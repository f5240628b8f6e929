import type { Clock } from '../steer/clock.ts'
import type { Upstream } from '../steer/upstream.ts'
import { observedUpstream } from '../upstream/observed-upstream.ts'
import type { AnswerEvent } from './answer.ts'
import { requestText } from './request-text.ts'

/**
 * Interleaves an answer's events with every request that its upstream calls send, each before the event that follows it.
 * `answer` gets the upstream to use.
 */
export async function* tracedAnswer(
  upstream: Upstream,
  clock: Clock,
  answer: (observed: Upstream) => AsyncIterable<AnswerEvent>,
): AsyncGenerator<AnswerEvent, void, undefined> {
  const began = clock.now()
  const sent: AnswerEvent[] = []
  const observed = observedUpstream(upstream, (request) => {
    const text = requestText(request.body, upstream.vocabulary)
    const event = { type: 'upstream-sent', atMs: clock.now() - began, request } as const
    sent.push(text === undefined ? event : { ...event, text })
  })
  for await (const event of answer(observed)) {
    yield* sent.splice(0)
    yield event
  }
}
