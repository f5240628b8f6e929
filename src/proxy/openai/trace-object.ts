import type { AnswerEvent } from '../../gateway/answer.ts'
import type { TraceReport } from '../../gateway/trace-report.ts'

/** What a traced answer tells beside its text, under `costeer` of a chunk without choices. */
export type TraceObject = { readonly choice: number } & (
  | ({ readonly type: 'token-trace' } & TraceReport)
  | {
      readonly type: 'upstream-request'
      /** Milliseconds since the answer began. */
      readonly atMs: number
      readonly method: string
      readonly path: string
      readonly body: string
    }
)

type TracedEvent = Extract<AnswerEvent, { type: 'token-traced' | 'upstream-sent' }>

export const isTraced = (event: AnswerEvent): event is TracedEvent =>
  event.type === 'token-traced' || event.type === 'upstream-sent'

export function traceObject(choice: number, event: TracedEvent): TraceObject {
  if (event.type === 'token-traced') return { type: 'token-trace', choice, ...event.trace }
  return { type: 'upstream-request', choice, atMs: event.atMs, ...event.request }
}
