import { EventSourceParserStream } from 'eventsource-parser/stream'
import { z } from 'zod'

const alternative = z.object({ token: z.string(), logprob: z.number() })
const chunkSchema = z.object({
  error: z.object({ message: z.string() }).optional(),
  choices: z
    .array(
      z.object({
        logprobs: z
          .object({ content: z.array(alternative.extend({ top_logprobs: z.array(alternative) })).nullish() })
          .nullish(),
      }),
    )
    .optional(),
})

export interface TimedToken {
  readonly text: string
  /** Milliseconds since the request was sent. */
  readonly atMs: number
  /** By how many nats it beat the second best. */
  readonly lead: number
}

export interface AnswerQuestion {
  /** Base address with /v1. */
  readonly url: string
  readonly model: string
  readonly query: string
  readonly maxTokens: number
  /** More fields of the body. */
  readonly fields?: Readonly<Record<string, unknown>>
}

/** Streams one greedy answer from an OpenAI server and notes when each token arrived. */
export const timedAnswer = async (question: AnswerQuestion): Promise<TimedToken[]> => {
  const { url, model, query, maxTokens, fields } = question
  const body = JSON.stringify({
    model,
    messages: [
      { role: 'system', content: 'You are a helpful assistant.' },
      { role: 'user', content: query },
    ],
    stream: true,
    temperature: 0,
    max_tokens: maxTokens,
    logprobs: true,
    top_logprobs: 2,
    ...fields,
  })
  const sentMs = performance.now()
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${url}/chat/completions`, { method: 'POST', headers, body })
  if (!response.ok || response.body === null) throw new Error(`${url}: ${await response.text()}`)
  const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
  const tokens: TimedToken[] = []
  for await (const { data } of events) {
    if (data === '[DONE]') break
    const chunk = chunkSchema.parse(JSON.parse(data))
    if (chunk.error !== undefined) throw new Error(`${url}: ${chunk.error.message}`)
    const atMs = performance.now() - sentMs
    for (const { token, top_logprobs: top } of chunk.choices?.[0]?.logprobs?.content ?? []) {
      tokens.push({ text: token, atMs, lead: (top[0]?.logprob ?? 0) - (top[1]?.logprob ?? 0) })
    }
  }
  return tokens
}
