import { GatewayError } from '../../gateway-error.ts'
import type { Ask } from '../gateway-access/running-gateway.ts'
import { firstModel } from '../gateway-access/served-models.ts'
import { TraceReader, type TraceRecording } from './trace-recording.ts'

export interface TraceQuestion {
  readonly prompt: string
  /** Undefined takes the first one that the gateway lists. */
  readonly model?: string | undefined
  readonly profile?: string | undefined
  readonly maxTokens: number
  readonly lookahead: 'auto' | 'off'
}

/** Asks a running gateway for one greedy answer and gathers its trace. Rejects with GatewayError. */
export async function requestTrace(ask: Ask, question: TraceQuestion): Promise<TraceRecording> {
  const { prompt, profile, maxTokens, lookahead } = question
  const model = question.model ?? (await firstModel(ask))
  const body = JSON.stringify({
    model,
    messages: [{ role: 'user', content: prompt }],
    stream: true,
    temperature: 0,
    max_tokens: maxTokens,
    // As any client asks, so that guesses are those of its answers
    costeer: { profile, ...(lookahead === 'off' && { lookahead }) },
  })
  const response = await ask('/v1/chat/completions', {
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
