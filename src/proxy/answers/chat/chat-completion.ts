import type { TokenReport } from '../../../gateway/answer.ts'
import type { AnswerIdentity } from '../wire/answer-identity.ts'
import { choiceLogprobs } from '../wire/token-logprobs.ts'
import type { WireTrace } from '../wire/trace-schema.ts'
import { usage } from '../wire/usage.ts'
import type { ChatCompletion } from './chat-response-schema.ts'

/** One finished choice. */
export interface CompleteChoice {
  readonly text: string
  readonly tokens: readonly TokenReport[]
  readonly finishReason: 'stop' | 'length'
  readonly completionTokens: number
}

export interface CompleteAnswer {
  readonly identity: AnswerIdentity
  readonly choices: readonly CompleteChoice[]
  readonly promptTokens: number
  readonly withLogprobs: boolean
  /** Present on answers to clients that asked for a trace. */
  readonly traces?: readonly WireTrace[]
}

/** The body of an answer that was not streamed. */
export function chatCompletion(
  answer: CompleteAnswer,
): ChatCompletion & { readonly costeer?: readonly WireTrace[] } {
  const { identity, choices, promptTokens, withLogprobs, traces } = answer
  return {
    id: identity.id,
    object: 'chat.completion',
    created: identity.created,
    model: identity.model,
    system_fingerprint: identity.system_fingerprint,
    choices: choices.map(({ text, tokens, finishReason }, index) => ({
      index,
      message: { role: 'assistant', content: text, refusal: null },
      logprobs: withLogprobs ? choiceLogprobs(tokens) : null,
      finish_reason: finishReason,
    })),
    usage: usage(
      promptTokens,
      choices.map(({ completionTokens }) => completionTokens),
    ),
    ...(traces === undefined ? {} : { costeer: traces }),
  }
}
