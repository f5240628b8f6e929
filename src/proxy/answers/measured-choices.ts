import type { AnswerEvent } from '../../gateway/answer.ts'
import type { RequestTracker } from '../request/request-tracker.ts'
import { type MergedChoices, mergedChoices } from './merged-choices.ts'

/** The events of all choices, of which the request's record hears as they are read. */
export interface MeasuredChoices extends MergedChoices {
  /** How many there are. */
  readonly count: number
  /** Of the choices that have ended. */
  readonly completionTokens: number
  /** Those of thoughts among them; null where the model has none. */
  readonly reasoningTokens: number | null
  /** Of the choices that have ended; null at an upstream without a price. */
  readonly cost: number | null
}

/**
 * The one place that counts and times what an answer says, whatever its endpoint and whether it is streamed.
 * Leaves out deltas that say nothing. Its `next` also rejects where a choice ended without its last event.
 */
export function measuredChoices(
  streams: readonly AsyncIterable<AnswerEvent>[],
  { signal, tracker }: { readonly signal: AbortSignal; readonly tracker: RequestTracker },
): MeasuredChoices {
  const events = mergedChoices(streams, signal)
  let completionTokens = 0
  let reasoningTokens: number | null = null
  let cost: number | null = null
  let ended = 0
  return {
    count: streams.length,
    get completionTokens() {
      return completionTokens
    },
    get reasoningTokens() {
      return reasoningTokens
    },
    get cost() {
      return cost
    },
    close: events.close,
    async next() {
      for (;;) {
        const next = await events.next()
        if (next === null) {
          if (ended < streams.length) throw new Error('A choice ended without its last event.')
          return null
        }
        const { event } = next
        if (event.type === 'answer-end') {
          ended += 1
          completionTokens += event.completionTokens
          if (event.reasoningTokens !== undefined)
            reasoningTokens = (reasoningTokens ?? 0) + event.reasoningTokens
          if (event.cost !== undefined) cost = (cost ?? 0) + event.cost
          tracker.choiceEnded(event.completionTokens, event.cost ?? null)
        } else if (event.type === 'text-delta') {
          if (event.text === '' && event.tokens.length === 0) continue
          tracker.textEmitted()
        } else if (event.type === 'reasoning-delta' || event.type === 'call-start') tracker.textEmitted()
        return next
      }
    },
  }
}
