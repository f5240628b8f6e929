import type { AnswerEvent } from '../answer.ts'
import type { Cost } from './answer-cost.ts'

interface CountedCost {
  readonly total: Cost
  /** What has been spent since the last time. */
  take(): number
}

/** The same events, of which the last says what was spent since the last choice ended. */
export async function* withCost(
  events: AsyncIterable<AnswerEvent>,
  cost: CountedCost | null,
  { isTold }: { readonly isTold: boolean },
): AsyncGenerator<AnswerEvent, void, undefined> {
  for await (const event of events) {
    if (event.type !== 'answer-end' || cost === null) {
      yield event
      continue
    }
    if (isTold) yield { type: 'answer-cost', cost: cost.total }
    yield { ...event, cost: cost.take() }
  }
}
