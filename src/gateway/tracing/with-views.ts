import type { Guard } from '../../guard/guard.ts'
import { runInSlices } from '../../work-slices.ts'
import type { AnswerEvent } from '../answer.ts'
import type { PublicPrompt } from '../answer-request.ts'
import type { PublicAnswer } from './public-answer.ts'

interface ViewedAnswer {
  /** As the client wrote it. */
  readonly prompt: PublicPrompt
  /** Null where nothing is private. */
  readonly guarded: {
    readonly guard: Guard
    /** The prompt as the upstream reads it. */
    readonly masked: PublicPrompt
    readonly answer: Pick<PublicAnswer, 'text'>
  } | null
  readonly counters: { readonly leakBits: number }
}

/** The same events, with both views of the answer before its end. */
export async function* withViews(
  events: AsyncIterable<AnswerEvent>,
  { prompt, guarded, counters }: ViewedAnswer,
): AsyncGenerator<AnswerEvent, void, undefined> {
  let answer = ''
  for await (const event of events) {
    if (event.type === 'text-delta') answer += event.text
    if (event.type === 'answer-end') {
      const views = {
        leakBits: counters.leakBits,
        question: questionOf(guarded?.masked ?? prompt),
        answer: guarded?.answer.text ?? answer,
        aliases:
          guarded == null
            ? []
            : await runInSlices(guarded.guard.aliasesIn([questionOf(prompt) ?? '', answer])),
      }
      yield { type: 'answer-views', views }
    }
    yield event
  }
}

function questionOf(prompt: PublicPrompt): string | null {
  if (prompt.type !== 'chat') return null
  return prompt.messages.findLast(({ role }) => role === 'user')?.content ?? null
}
