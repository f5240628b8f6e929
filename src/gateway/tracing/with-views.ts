import type { Guard } from '../../guard/guard.ts'
import type { AnswerEvent } from '../answer.ts'
import type { PublicPrompt } from '../answer-request.ts'

interface ViewedAnswer {
  readonly prompt: PublicPrompt
  /** Null where nothing is private. */
  readonly guard: Guard | null
  /** Whether what the client sends is masked. */
  readonly masksMessages: boolean
  readonly counters: { readonly leakBits: number }
}

/** The same events, with both views of the answer before its end. */
export async function* withViews(
  events: AsyncIterable<AnswerEvent>,
  { prompt, guard, masksMessages, counters }: ViewedAnswer,
): AsyncGenerator<AnswerEvent, void, undefined> {
  let answer = ''
  for await (const event of events) {
    if (event.type === 'text-delta') answer += event.text
    if (event.type === 'answer-end') {
      const question = questionOf(prompt)
      const { leakBits } = counters
      const sent = guard === null || question === null || !masksMessages ? question : guard.mask(question)
      const views =
        guard === null
          ? { leakBits, question: sent, answer, aliases: [] }
          : {
              leakBits,
              question: sent,
              answer: guard.mask(answer),
              aliases: guard.aliasesIn([question ?? '', answer]),
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
