import type { PlannerEvent } from './planning/planner-events.ts'

/**
 * What is written down of an answer to replay its queries: when which kind of event came
 * and when the planner planned. It holds no tokens, guesses or probabilities.
 * `run-began`: planning begins anew; `run-ended`: a token was emitted that nobody planned for;
 * `stretch-began`: one stream of what nobody steers; `stretch-ended`: how many of its tokens were emitted,
 * which the upstream that sent it knows as well.
 */
export type RecordedEvent =
  | { readonly type: 'run-began' | 'run-ended' | 'stretch-began' }
  | { readonly type: 'stretch-ended'; readonly tokens: number }
  | { readonly type: 'planned'; readonly atMs: number }
  | { readonly type: 'rows-computed'; readonly atMs: number }
  | { readonly type: 'row-known'; readonly atMs: number }
  | { readonly type: 'step-answered'; readonly atMs: number; readonly query: number }
  | { readonly type: 'query-ended'; readonly atMs: number; readonly query: number }
  | {
      readonly type: 'query-failed'
      readonly atMs: number
      readonly query: number
      readonly retryAfterMs: number
    }
  | { readonly type: 'token-emitted'; readonly atMs: number; readonly judgedMs: number }
  | { readonly type: 'limit-told'; readonly atMs: number; readonly most: number }

/** The part of an event that may be written down. */
export function recorded(event: PlannerEvent): RecordedEvent {
  const { type, atMs } = event
  switch (type) {
    case 'rows-computed':
    case 'row-known':
      return { type, atMs }
    case 'token-emitted':
      return { type, atMs, judgedMs: event.judgedMs }
    case 'step-answered':
    case 'query-ended':
      return { type, atMs, query: event.query }
    case 'query-failed':
      return { type, atMs, query: event.query, retryAfterMs: event.retryAfterMs }
    case 'limit-told':
      return event
    default:
      return event satisfies never
  }
}
