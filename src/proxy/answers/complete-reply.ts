import type { AnswerCall } from './answer-call.ts'
import { collectChoices } from './collect-choices.ts'
import type { RunningAnswer } from './running-answer.ts'

/** Reads the whole answer. Rejects with the first failure of any choice. */
export async function completeReply<Complete>(
  call: AnswerCall<Complete>,
  answer: RunningAnswer,
): Promise<Complete> {
  const { prepared, events, lifetime, tracker } = answer
  try {
    return call.complete(answer, await collectChoices(events, prepared.choices.length, tracker))
  } finally {
    events.close()
    lifetime.release()
  }
}
