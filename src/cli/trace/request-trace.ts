import { z } from 'zod'
import { GatewayError } from '../../gateway-error.ts'
import { TraceReader, type TraceRecording } from './trace-recording.ts'

export interface TraceQuestion {
  /** The gateway's address, with or without /v1. */
  readonly url: string
  readonly apiKey?: string | undefined
  readonly prompt: string
  /** Undefined takes the first one that the gateway lists. */
  readonly model?: string | undefined
  readonly profile?: string | undefined
  readonly maxTokens: number
  readonly lookahead: 'auto' | 'off'
}

const modelsSchema = z.object({ data: z.array(z.object({ id: z.string() })) })
const failureSchema = z.object({ error: z.object({ message: z.string() }) })

/** Asks a running gateway for one greedy answer and gathers its trace. Rejects with GatewayError. */
export async function requestTrace(question: TraceQuestion): Promise<TraceRecording> {
  const { prompt, profile, maxTokens, lookahead } = question
  const base = question.url.replace(/\/(v1\/?)?$/, '')
  const model = question.model ?? (await firstModel(base, question.apiKey))
  const body = JSON.stringify({
    model,
    messages: [{ role: 'user', content: prompt }],
    stream: true,
    temperature: 0,
    max_tokens: maxTokens,
    costeer: { lookahead, ...(profile === undefined ? {} : { profile }) },
  })
  const response = await reach(`${base}/v1/chat/completions`, question.apiKey, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-costeer-trace': '1' },
    body,
  })
  const reader = new TraceReader()
  if (response.body !== null) {
    for await (const text of response.body.pipeThrough(new TextDecoderStream())) reader.feed(text)
  }
  if (reader.error !== null) throw new GatewayError('upstream_refused', reader.error)
  return reader.recording
}

async function firstModel(base: string, apiKey: string | undefined): Promise<string> {
  const listing = modelsSchema.parse(await (await reach(`${base}/v1/models`, apiKey)).json())
  const model = listing.data[0]?.id
  if (model !== undefined) return model
  throw new GatewayError('model_not_found', `${base} lists no model. Name one with --model.`)
}

async function reach(url: string, apiKey: string | undefined, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers)
  if (apiKey !== undefined) headers.set('authorization', `Bearer ${apiKey}`)
  const response = await fetch(url, { ...init, headers }).catch((cause: unknown) => {
    const message = `No gateway answers at ${url}. Start one with "costeer serve", or give its address with --url.`
    throw new GatewayError('upstream_unreachable', message, { cause })
  })
  if (response.ok) return response
  const failure = failureSchema.safeParse(await response.json().catch(() => null))
  const reason = failure.success ? failure.data.error.message : 'it gave no reason'
  throw new GatewayError('upstream_refused', `The gateway refused (HTTP ${response.status}): ${reason}`)
}
