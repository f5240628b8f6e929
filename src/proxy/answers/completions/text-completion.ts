import type { CompleteAnswer } from '../answer-endpoint.ts'
import { usage } from '../wire/usage.ts'
import type { WireCompletionRequest } from './completion-fields.ts'
import type { Completion } from './completion-response-schema.ts'
import { LegacyLogprobsWriter } from './legacy-logprobs.ts'

/** The body of a completion that was not streamed. */
export function textCompletion(
  { identity, choices, promptTokens, completionTokens }: CompleteAnswer,
  { logprobs }: WireCompletionRequest,
): Completion {
  return {
    id: identity.id,
    object: 'text_completion',
    created: identity.created,
    model: identity.model,
    system_fingerprint: identity.system_fingerprint,
    choices: choices.map(({ text, tokens, finishReason }, index) => ({
      index,
      text,
      logprobs: logprobs == null ? null : new LegacyLogprobsWriter().write(tokens),
      finish_reason: finishReason,
    })),
    usage: usage(promptTokens, completionTokens),
  }
}
