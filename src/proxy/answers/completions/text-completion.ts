import type { CompleteChoice } from '../chat/chat-completion.ts'
import type { AnswerIdentity } from '../wire/answer-identity.ts'
import type { WireTrace } from '../wire/trace-schema.ts'
import { usage } from '../wire/usage.ts'
import type { Usage } from '../wire/usage-schema.ts'
import type { Completion, CompletionChunk } from './completion-response-schema.ts'
import { LegacyLogprobsWriter } from './legacy-logprobs.ts'

export interface CompleteText {
  readonly identity: AnswerIdentity
  readonly choices: readonly CompleteChoice[]
  readonly promptTokens: number
  readonly withLogprobs: boolean
  /** Present on answers to clients that asked for a trace. */
  readonly traces?: readonly WireTrace[]
}

/** The body of a completion that was not streamed. */
export function textCompletion({
  identity,
  choices,
  promptTokens,
  withLogprobs,
  traces,
}: CompleteText): Completion & { readonly costeer?: readonly WireTrace[] } {
  const { id, created, model, system_fingerprint } = identity
  return {
    id,
    object: 'text_completion',
    created,
    model,
    system_fingerprint,
    choices: choices.map(({ text, tokens, finishReason }, index) => ({
      index,
      text,
      logprobs: withLogprobs ? new LegacyLogprobsWriter().write(tokens) : null,
      finish_reason: finishReason,
    })),
    usage: usage(
      promptTokens,
      choices.map(({ completionTokens }) => completionTokens),
    ),
    ...(traces === undefined ? {} : { costeer: traces }),
  }
}

/** A chunk of a streamed completion. `usage` is given on every chunk, null or not, when the client asked for it. */
export function completionChunk(
  { id, created, model, system_fingerprint }: AnswerIdentity,
  choices: CompletionChunk['choices'],
  usageOf?: Usage | null,
): CompletionChunk {
  return {
    id,
    object: 'text_completion',
    created,
    model,
    system_fingerprint,
    choices,
    ...(usageOf === undefined ? {} : { usage: usageOf }),
  }
}
