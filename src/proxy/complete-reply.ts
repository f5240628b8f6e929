import { collectChoices } from './collect-choices.ts'
import { chatCompletion } from './openai/chat-completion.ts'
import type { ChatCompletion } from './openai/chat-response-schema.ts'
import type { RunningAnswer } from './running-answer.ts'

/** Reads the whole answer. Rejects with the first failure of any choice. */
export async function completeReply(answer: RunningAnswer): Promise<ChatCompletion> {
  const { request, prepared, events, identity, lifetime, tracker } = answer
  try {
    const { choices, traces } = await collectChoices(events, prepared.choices.length, tracker)
    return chatCompletion({
      identity,
      choices,
      promptTokens: prepared.promptTokens,
      withLogprobs: request.topLogprobs !== undefined,
      ...(request.trace ? { traces } : {}),
    })
  } finally {
    events.close()
    lifetime.release()
  }
}
