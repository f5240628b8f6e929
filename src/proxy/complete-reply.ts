import { collectChoices } from './collect-choices.ts'
import { chatCompletion } from './openai/chat-completion.ts'
import type { ChatCompletion } from './openai/chat-response-schema.ts'
import type { RunningAnswer } from './running-answer.ts'

/** Reads the whole answer. Rejects with the first failure of any choice. */
export async function completeReply(answer: RunningAnswer): Promise<ChatCompletion> {
  const { request, prepared, events, identity, lifetime, tracker } = answer
  try {
    return chatCompletion({
      identity,
      choices: await collectChoices(events, prepared.choices.length, tracker),
      promptTokens: prepared.promptTokens,
      withLogprobs: request.topLogprobs !== undefined,
    })
  } finally {
    events.close()
    lifetime.release()
  }
}
