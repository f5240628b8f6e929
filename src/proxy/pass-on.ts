import type { Context } from 'hono'
import type { Passthrough } from '../upstream/passthrough.ts'
import type { ProxyEnvironment } from './environment.ts'
import { passedStream } from './passed-stream.ts'
import { rootFailure } from './proxy-error.ts'
import { requestSignal } from './request-signal.ts'
import { steeringHeader } from './steering-header.ts'
import type { StreamOptions } from './streamed-reply.ts'

/** A response whose bytes are made as they are read. */
export interface PassedResponse {
  readonly type: 'stream'
  readonly status: number
  readonly body: ReadableStream<Uint8Array> | null
  readonly headers: Readonly<Record<string, string>>
}

export interface PassOnOptions {
  readonly c: Context<ProxyEnvironment>
  readonly passthrough: Passthrough
  readonly body: Uint8Array | FormData | null
  /** The model's name as the client sent it; null for requests that name none. */
  readonly model: string | null
  readonly streamed: boolean
  /** Why steering is left out. */
  readonly reason: string
}

/**
 * Has the server answer a request as it is. Its refusals are responses, with its own words; rejects with GatewayError
 * `upstream_*` when there is no reply. The work at the server ends when the client goes away.
 */
export async function passOn(
  { c, passthrough, body, model, streamed, reason }: PassOnOptions,
  options: StreamOptions,
): Promise<PassedResponse> {
  const lifetime = requestSignal(c)
  const tracker = c.get('tracker')
  const { pathname, search } = new URL(c.req.url)
  const { signal } = lifetime
  tracker.bypassed()
  try {
    const reply = await passthrough.forward({
      method: c.req.raw.method,
      path: pathname + search,
      headers: c.req.raw.headers,
      body,
      model,
      streamed,
      signal,
    })
    const { status } = reply
    const headers = {
      ...reply.headers,
      'x-costeer-steering': steeringHeader({ state: 'bypassed', reason }),
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    }
    if (reply.body === null) {
      lifetime.release()
      return { type: 'stream', status, body: null, headers }
    }
    tracker.finishesLater = true
    const isEventStream = /^text\/event-stream\b/i.test(reply.headers['content-type'] ?? '')
    const stream = passedStream(reply.body, { ...options, status, isEventStream, lifetime, tracker })
    return { type: 'stream', status, body: stream, headers }
  } catch (error) {
    lifetime.release()
    throw rootFailure(error, signal)
  }
}
