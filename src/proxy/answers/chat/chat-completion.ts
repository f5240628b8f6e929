import type { TokenReport } from '../../../gateway/answer.ts'
import type { CompleteAnswer } from '../answer-endpoint.ts'
import { replyHead } from '../wire/answer-identity.ts'
import { reportedToken } from '../wire/token-logprobs.ts'
import { usage } from '../wire/usage.ts'
import type { WireChatRequest } from './chat-fields.ts'
import type { ChatCompletion, ChoiceLogprobs } from './chat-response-schema.ts'

/** The body of an answer that was not streamed. */
export function chatCompletion(
  { identity, choices, promptTokens, ...ended }: CompleteAnswer,
  { logprobs }: WireChatRequest,
): ChatCompletion {
  return {
    ...replyHead('chat.completion', identity),
    choices: choices.map(({ text, reasoning, tokens, finishReason }, index) => ({
      index,
      message: {
        role: 'assistant',
        content: text,
        ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
        refusal: null,
      },
      logprobs: logprobs === true ? choiceLogprobs(tokens) : null,
      finish_reason: finishReason,
    })),
    usage: usage(promptTokens, ended),
  }
}

/** `logprobs` of one choice or chunk. */
export function choiceLogprobs(tokens: readonly TokenReport[]): ChoiceLogprobs {
  return { content: tokens.map(reportedToken), refusal: null }
}
