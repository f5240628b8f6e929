import { EventSourceParserStream } from 'eventsource-parser/stream'
import { z } from 'zod'
import { GatewayError } from '../../gateway-error.ts'
import type { Ask } from '../gateway-access/running-gateway.ts'

const alternative = z.object({ token: z.string(), logprob: z.number() })
const chunkSchema = z.object({
  error: z.object({ message: z.string() }).nullish(),
  usage: z.object({ cost: z.number().nullish() }).nullish(),
  choices: z
    .array(
      z.object({
        logprobs: z
          .object({ content: z.array(alternative.extend({ top_logprobs: z.array(alternative) })).nullish() })
          .nullish(),
      }),
    )
    .nullish(),
})

export interface TimedToken {
  readonly text: string
  /** Milliseconds since the request was sent. */
  readonly atMs: number
  /** By how many nats it beat the second best. */
  readonly lead: number
}

export interface TimedQuestion {
  readonly model: string
  readonly query: string
  readonly maxTokens: number
  /** More fields of the body. */
  readonly fields?: Readonly<Record<string, unknown>>
}

export interface TimedAnswer {
  /** The header `x-costeer-steering`; null from a server that is no gateway. */
  readonly steering: string | null
  readonly tokens: readonly TimedToken[]
  /** In the currency of the upstream's price; null where it has none. */
  readonly cost: number | null
}

/**
 * Streams one greedy answer of an OpenAI server and notes when each token arrived. Rejects with GatewayError.
 */
export async function timedAnswer(ask: Ask, question: TimedQuestion): Promise<TimedAnswer> {
  const { model, query, maxTokens, fields } = question
  const body = JSON.stringify({
    model,
    messages: [
      { role: 'system', content: 'You are a helpful assistant.' },
      { role: 'user', content: query },
    ],
    stream: true,
    stream_options: { include_usage: true },
    temperature: 0,
    max_tokens: maxTokens,
    logprobs: true,
    top_logprobs: 2,
    ...fields,
  })
  const sentMs = performance.now()
  const headers = { 'content-type': 'application/json' }
  const response = await ask('/v1/chat/completions', { method: 'POST', headers, body })
  const steering = response.headers.get('x-costeer-steering')
  const tokens: TimedToken[] = []
  let cost: number | null = null
  const events = response.body
    ?.pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
  for await (const { data } of events ?? []) {
    if (data === '[DONE]') break
    const { choices, error, usage } = chunkSchema.parse(JSON.parse(data))
    if (error) throw new GatewayError('upstream_refused', error.message)
    cost = usage?.cost ?? cost
    const atMs = performance.now() - sentMs
    for (const { token, top_logprobs: top } of choices?.[0]?.logprobs?.content ?? []) {
      tokens.push({ text: token, atMs, lead: (top[0]?.logprob ?? 0) - (top[1]?.logprob ?? 0) })
    }
  }
  return { steering, tokens, cost }
}
