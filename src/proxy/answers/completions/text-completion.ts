import type { CompleteAnswer } from '../answer-endpoint.ts'
import { replyHead } from '../wire/answer-identity.ts'
import { joinedParts } from '../wire/joined-parts.ts'
import { usage } from '../wire/usage.ts'
import type { WireCompletionRequest } from './completion-fields.ts'
import type { Completion } from './completion-response-schema.ts'
import { LegacyLogprobsWriter } from './legacy-logprobs.ts'

/** The body of a completion that was not streamed. */
export function textCompletion(
  { identity, choices, promptTokens, ...ended }: CompleteAnswer,
  { logprobs }: WireCompletionRequest,
): Completion {
  return {
    ...replyHead('text_completion', identity),
    choices: choices.map(({ parts, finishReason }, index) => {
      const { text, tokens } = joinedParts(parts)
      return {
        index,
        text,
        logprobs: logprobs == null ? null : new LegacyLogprobsWriter().write(tokens),
        finish_reason: finishReason,
      }
    }),
    usage: usage(promptTokens, ended),
  }
}
