import type { AnswerRequest } from '../gateway/answer.ts'
import { GatewayError } from '../gateway-error.ts'
import type { ChatMessage } from '../steer/upstream.ts'
import type { WireMessage } from './openai/chat-message-schema.ts'
import type { SteeringHeaders, WireChatRequest } from './openai/chat-request-schema.ts'

export interface AnswerRequestOptions {
  readonly body: WireChatRequest
  readonly headers: SteeringHeaders
  readonly apiKey: string | undefined
  /** For requests that name no model. */
  readonly defaultModel: string
  readonly signal: AbortSignal
}

/** Translates a steerable chat request. Throws `invalid_request` where fields contradict each other. */
export function answerRequest(options: AnswerRequestOptions): AnswerRequest {
  const { body, headers, apiKey, defaultModel, signal } = options
  const maxTokens = smaller(body.max_tokens, body.max_completion_tokens)
  const topLogprobs = requestedLogprobs(body)
  if (body.stream_options != null && body.stream !== true) {
    throw invalid('stream_options', 'stream_options needs stream: true.')
  }
  const profile = body.costeer?.profile ?? headers['x-costeer-profile']
  const headerStrength = headers['x-costeer-strength']
  const strength = body.costeer?.strength ?? (headerStrength && Number(headerStrength))
  const seed = body.costeer?.seed ?? body.seed
  return {
    model: body.model ?? defaultModel,
    messages: body.messages.map(chatMessage),
    sampling: {
      temperature: body.temperature ?? 1,
      // The gateway's range excludes 0, which clients send to mean "the best token only".
      topP: Math.max(body.top_p ?? 1, Number.EPSILON),
      topK: Math.max(body.top_k ?? 0, 0),
      ...(seed == null ? {} : { seed }),
    },
    ...(maxTokens === undefined ? {} : { maxTokens }),
    stop: typeof body.stop === 'string' ? [body.stop] : (body.stop ?? []),
    choices: body.n ?? 1,
    ...(topLogprobs === undefined ? {} : { topLogprobs }),
    caller: {
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(body.user == null ? {} : { user: body.user }),
      ...(profile === undefined ? {} : { profile }),
    },
    trace: headers['x-costeer-trace'] === '1',
    overrides: typeof strength === 'number' ? { strength } : {},
    signal,
  }
}

function chatMessage({ role, content }: WireMessage, index: number): ChatMessage {
  if (content == null) {
    const param = `messages[${index}].content`
    throw invalid(param, `${param} is missing.`)
  }
  // Templates take plain text; a line break keeps the parts as far apart as vLLM and llama.cpp keep them.
  const text = typeof content === 'string' ? content : content.map((part) => part.text ?? '').join('\n')
  return { role: role === 'user' || role === 'assistant' ? role : 'system', content: text }
}

function requestedLogprobs({ logprobs, top_logprobs }: WireChatRequest): number | undefined {
  if (logprobs === true) return top_logprobs ?? 0
  if (top_logprobs == null || top_logprobs === 0) return undefined
  throw invalid('top_logprobs', 'top_logprobs needs logprobs: true.')
}

function smaller(a: number | null | undefined, b: number | null | undefined): number | undefined {
  const least = Math.min(a ?? Infinity, b ?? Infinity)
  return least === Infinity ? undefined : least
}

const invalid = (param: string, message: string) => new GatewayError('invalid_request', message, { param })
