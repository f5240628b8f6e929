import type { AnswerEvent } from '../../../gateway/answer.ts'
import type { WireTrace } from './trace-schema.ts'

export type TracedEvent = Extract<AnswerEvent, { type: 'token-traced' | 'upstream-sent' | 'answer-views' }>

export function isTraced(event: AnswerEvent): event is TracedEvent {
  return ['token-traced', 'upstream-sent', 'answer-views'].includes(event.type)
}

/** What a traced answer tells beside its text, for `costeer` of a chunk without choices. */
export function traceObject(choice: number, event: TracedEvent): WireTrace {
  if (event.type === 'token-traced') return { type: 'token-trace', choice, ...event.trace }
  if (event.type === 'answer-views') return { type: 'answer-views', choice, ...event.views }
  const { atMs, request, text } = event
  return { type: 'upstream-request', choice, atMs, ...request, ...(text === undefined ? {} : { text }) }
}
