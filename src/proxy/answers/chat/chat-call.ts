import type { Context } from 'hono'
import type { AnswerRequest } from '../../../gateway/answer-request.ts'
import { raisesTokens } from '../../../steer/sampling/score-adjustments.ts'
import type { ChatMessage } from '../../../steer/upstream.ts'
import { invalidField } from '../../errors/invalid-request.ts'
import type { ProxyEnvironment } from '../../request/proxy-environment.ts'
import type { AnswerCall, CallContext } from '../answer-call.ts'
import { samplingRequest, scoreAdjustments, stopStrings } from '../sampling-request.ts'
import { steeringOverrides } from '../steering-overrides.ts'
import type { SteeringHeaders } from '../wire/steering-schema.ts'
import { chatCompletion } from './chat-completion.ts'
import { chatFrames } from './chat-frames.ts'
import type { WireMessage } from './chat-message-schema.ts'
import type { WireChatRequest } from './chat-request-schema.ts'
import type { ChatCompletion } from './chat-response-schema.ts'
import { chatWithoutEffect, unsteerableChat } from './unsteerable-chat.ts'

/** A chat request as the answer handler takes it. */
export function chatCall(
  c: Context<ProxyEnvironment>,
  body: WireChatRequest,
  headers: SteeringHeaders,
): AnswerCall<ChatCompletion> {
  const adjustments = scoreAdjustments(body)
  const withLogprobs = body.logprobs === true
  return {
    c,
    model: body.model,
    stream: body.stream === true,
    obstacle: unsteerableChat(body),
    withoutEffect: chatWithoutEffect(body),
    raisesTokens: adjustments !== null && raisesTokens(adjustments),
    idPrefix: 'chatcmpl-',
    requests: (context) => [chatAnswerRequest(body, headers, context)],
    complete: ({ identity, prepared, traced }, { choices, traces }) =>
      chatCompletion({
        identity,
        choices,
        promptTokens: prepared.promptTokens,
        withLogprobs,
        ...(traced ? { traces } : {}),
      }),
    frames: (answer) =>
      chatFrames(answer, { withLogprobs, includeUsage: body.stream_options?.include_usage === true }),
  }
}

function chatAnswerRequest(
  body: WireChatRequest,
  headers: SteeringHeaders,
  { model, apiKey, signal }: CallContext,
): AnswerRequest {
  const maxTokens = smaller(body.max_tokens, body.max_completion_tokens)
  const topLogprobs = requestedLogprobs(body)
  if (body.stream_options != null && body.stream !== true) {
    throw invalidField('stream_options', 'stream_options needs stream: true.')
  }
  return {
    model,
    prompt: { type: 'chat', messages: body.messages.map(chatMessage) },
    sampling: samplingRequest(body),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    stop: stopStrings(body),
    choices: body.n ?? 1,
    ...(topLogprobs === undefined ? {} : { topLogprobs }),
    ...steeringOverrides(body, headers, apiKey),
    signal,
  }
}

function chatMessage({ role, content }: WireMessage, index: number): ChatMessage {
  if (content == null) {
    const param = `messages[${index}].content`
    throw invalidField(param, `${param} is missing.`)
  }
  // Templates take plain text; a line break keeps the parts as far apart as vLLM and llama.cpp keep them.
  const text = typeof content === 'string' ? content : content.map((part) => part.text ?? '').join('\n')
  return { role: role === 'user' || role === 'assistant' ? role : 'system', content: text }
}

function requestedLogprobs({ logprobs, top_logprobs }: WireChatRequest): number | undefined {
  if (logprobs === true) return top_logprobs ?? 0
  if (top_logprobs == null || top_logprobs === 0) return undefined
  throw invalidField('top_logprobs', 'top_logprobs needs logprobs: true.')
}

function smaller(a: number | null | undefined, b: number | null | undefined): number | undefined {
  const least = Math.min(a ?? Infinity, b ?? Infinity)
  return least === Infinity ? undefined : least
}
