import type { TokenReport } from '../../../gateway/answer.ts'
import type { CompleteAnswer, CompleteCall } from '../answer-endpoint.ts'
import { replyHead } from '../wire/answer-identity.ts'
import { joinedParts } from '../wire/joined-parts.ts'
import { reportedToken } from '../wire/token-logprobs.ts'
import { usage } from '../wire/usage.ts'
import type { WireChatRequest } from './chat-fields.ts'
import type { ChatCompletion, ChoiceLogprobs, ToolCall } from './chat-response-schema.ts'

/** The body of an answer that was not streamed. */
export function chatCompletion(
  { identity, choices, promptTokens, reasoningField, ...ended }: CompleteAnswer,
  { logprobs }: WireChatRequest,
): ChatCompletion {
  return {
    ...replyHead('chat.completion', identity),
    choices: choices.map(({ parts, finishReason }, index) => {
      const { text, reasoning, tokens, calls } = joinedParts(parts)
      return {
        index,
        message: {
          role: 'assistant',
          content: calls.length > 0 && text === '' ? null : text,
          ...(reasoning === '' ? {} : { [reasoningField]: reasoning }),
          refusal: null,
          ...(calls.length === 0 ? {} : { tool_calls: calls.map(toolCall) }),
        },
        logprobs: logprobs === true ? choiceLogprobs(tokens) : null,
        finish_reason: finishReason,
      }
    }),
    usage: usage(promptTokens, ended),
  }
}

function toolCall({ id, name, arguments: json }: CompleteCall): ToolCall {
  return { id, type: 'function', function: { name, arguments: json } }
}

/** `logprobs` of one choice or chunk. */
export function choiceLogprobs(tokens: readonly TokenReport[]): ChoiceLogprobs {
  return { content: tokens.map(reportedToken), refusal: null }
}
