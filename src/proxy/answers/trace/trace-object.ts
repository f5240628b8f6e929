import type { AnswerEvent } from '../../../gateway/answer.ts'
import type { WireTrace } from './trace-schema.ts'

const tracedTypes = ['token-traced', 'upstream-sent', 'profile-read', 'answer-views', 'answer-cost'] as const

export type TracedEvent = Extract<AnswerEvent, { type: (typeof tracedTypes)[number] }>

export function isTraced(event: AnswerEvent): event is TracedEvent {
  return tracedTypes.some((type) => type === event.type)
}

/** What a traced answer tells beside its text, for `costeer` of a chunk without choices. */
export function traceObject(choice: number, event: TracedEvent): WireTrace {
  if (event.type === 'token-traced') return { type: 'token-trace', choice, ...event.trace }
  if (event.type === 'profile-read') return { type: 'profile-read', choice, share: event.share }
  if (event.type === 'answer-views') return { type: 'answer-views', choice, ...event.views }
  if (event.type === 'answer-cost') return { type: 'answer-cost', choice, ...event.cost }
  const { atMs, request, text } = event
  return { type: 'upstream-request', choice, atMs, ...request, ...(text === undefined ? {} : { text }) }
}
