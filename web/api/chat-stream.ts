import { EventSourceParserStream } from 'eventsource-parser/stream'
import type { ChatCompletionChunk } from '../../src/proxy/answers/chat/chat-response-schema.ts'
import type { WireTrace } from '../../src/proxy/answers/trace/trace-schema.ts'
import type { ErrorEnvelope } from '../../src/proxy/errors/error-schema.ts'
import { t } from '../texts/texts.ts'
import type { ChatEvent } from './chat-event.ts'
import { gatewayFetch, RequestFailure, unreachable } from './gateway-fetch.ts'

export interface ChatRequest {
  readonly model: string
  readonly prompt: string
  /** A profile id, `none`, or null for the one that the API key is bound to. */
  readonly profile: string | null
  /** c_T */
  readonly strength: number
  readonly temperature: number
  readonly topP: number
  readonly frequencyPenalty: number
  readonly seed: number
  readonly maxTokens: number
  readonly lookahead: 'auto' | 'off'
  /** Functions that the model may call, as OpenAI's `tools`. */
  readonly tools: readonly unknown[]
}

type Delta = ChatCompletionChunk['choices'][number]['delta']

type Frame = ChatCompletionChunk & { readonly costeer?: WireTrace; readonly error?: ErrorEnvelope['error'] }

/**
 * Asks a question and yields the answer as it comes. Rejects with RequestFailure, or once `signal` aborts.
 */
export async function* streamChat(
  request: ChatRequest,
  signal: AbortSignal,
): AsyncGenerator<ChatEvent, void> {
  const response = await gatewayFetch('v1/chat/completions', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-costeer-trace': '1',
      ...(request.profile === null ? {} : { 'x-costeer-profile': request.profile }),
    },
    body: JSON.stringify(chatBody(request)),
    signal,
  })
  yield {
    type: 'answer-start',
    steering: response.headers.get('x-costeer-steering') ?? 'off',
    ignored: response.headers.get('x-costeer-ignored')?.split(/, */) ?? [],
  }
  for await (const frame of frames(response, signal)) {
    if (frame.error !== undefined) throw new RequestFailure(200, frame.error)
    if (frame.costeer !== undefined) yield frame.costeer
    const choice = frame.choices[0]
    if (choice !== undefined) yield* said(choice.delta)
    if (choice?.finish_reason != null) yield { type: 'answer-end', reason: choice.finish_reason }
    if (frame.usage != null) {
      const reasoning = frame.usage.completion_tokens_details?.reasoning_tokens ?? null
      yield { type: 'tokens-counted', reasoning }
    }
  }
}

function* said({ content, reasoning, reasoning_content, tool_calls: calls }: Delta): Generator<ChatEvent> {
  const thought = reasoning_content ?? reasoning
  if (thought) yield { type: 'reasoning-delta', text: thought }
  if (content) yield { type: 'text-delta', text: content }
  for (const { index, function: called } of calls ?? []) {
    yield { type: 'call-delta', index, name: called.name ?? '', text: called.arguments ?? '' }
  }
}

function chatBody(request: ChatRequest): object {
  const { model, prompt, strength, temperature, topP, frequencyPenalty, seed, maxTokens, lookahead } = request
  const { tools } = request
  return {
    model,
    messages: [{ role: 'user', content: prompt }],
    temperature,
    top_p: topP,
    ...(frequencyPenalty === 0 ? {} : { frequency_penalty: frequencyPenalty }),
    seed,
    max_tokens: maxTokens,
    ...(tools.length === 0 ? {} : { tools }),
    stream: true,
    stream_options: { include_usage: true },
    costeer: { strength, ...(lookahead === 'off' ? { lookahead } : {}) },
  }
}

function brokenOff(): RequestFailure {
  return unreachable(t().failures.brokenOff)
}

async function* frames(response: Response, signal: AbortSignal): AsyncGenerator<Frame, void> {
  if (response.body === null) return
  const reader = response.body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array<ArrayBuffer>>)
    .pipeThrough(new EventSourceParserStream())
    .getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw signal.aborted ? error : brokenOff()
      })
      if (done) throw brokenOff()
      if (value.data === '[DONE]') return
      yield JSON.parse(value.data) as Frame
    }
  } finally {
    reader.cancel().catch(() => {})
  }
}
