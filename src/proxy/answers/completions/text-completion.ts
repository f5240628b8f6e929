import type { CompleteAnswer } from '../answer-endpoint.ts'
import { replyHead } from '../wire/answer-identity.ts'
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
    choices: choices.map(({ text, tokens, finishReason }, index) => ({
      index,
      text,
      logprobs: logprobs == null ? null : new LegacyLogprobsWriter().write(tokens),
      finish_reason: finishReason,
    })),
    usage: usage(promptTokens, ended),
  }
}
