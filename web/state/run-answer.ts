import type { Signal } from '@preact/signals'
import type { WireTokenTrace, WireUpstreamRequest } from '../../src/proxy/answers/trace/trace-schema.ts'
import { type ChatRequest, streamChat } from '../api/chat-stream.ts'
import { failureText } from '../api/gateway-fetch.ts'
import { type Answer, changeOf, emptyAnswer } from './answer.ts'

/** How often a growing answer is shown. */
const SHOW_EVERY_MS = 50

/** Streams an answer into `target`. Resolves at its end, however it ends. */
export async function runAnswer(
  target: Signal<Answer>,
  request: ChatRequest,
  signal: AbortSignal,
): Promise<void> {
  const began = performance.now()
  const traces: WireTokenTrace[] = []
  const requests: WireUpstreamRequest[] = []
  let draft: Answer = { ...emptyAnswer, status: 'waiting' }
  let shownAt = 0
  const show = (changes: Partial<Answer>) => {
    draft = { ...draft, ...changes }
    target.value = { ...draft, traces: traces.slice(), requests: requests.slice() }
    shownAt = performance.now()
  }
  show({})
  try {
    for await (const event of streamChat(request, signal)) {
      const elapsedMs = performance.now() - began
      if (event.type === 'token-trace') traces.push(event)
      else if (event.type === 'upstream-request') requests.push(event)
      else if (event.type === 'answer-views') draft = { ...draft, views: event }
      else if (event.type === 'profile-read') draft = { ...draft, readShare: event.share }
      else if (event.type === 'answer-cost') draft = { ...draft, cost: event.amount }
      else draft = { ...draft, ...changeOf(event, draft, elapsedMs) }
      draft = { ...draft, elapsedMs }
      if (performance.now() - shownAt >= SHOW_EVERY_MS) show({})
    }
    show({ status: 'complete' })
  } catch (error) {
    show(signal.aborted ? { status: 'stopped' } : { status: 'failed', failure: failureText(error) })
  }
}
