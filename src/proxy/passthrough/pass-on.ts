// This room owns requests that a server answers instead of the gateway, byte for byte but for names. It must
// not know what they ask.
import type { StatusCode } from 'hono/utils/http-status'
import type { SteeringState } from '../../gateway/answer.ts'
import { isEventStream, isJson } from '../../upstream/passthrough/passed-body.ts'
import type { Passthrough } from '../../upstream/passthrough/passthrough.ts'
import { steeringHeader } from '../answers/steering-header.ts'
import { rootFailure } from '../errors/proxy-error.ts'
import { answerPath } from '../request/answer-path.ts'
import type { AppContext } from '../request/app-env.ts'
import type { StreamOptions } from '../request/client-stream.ts'
import { requestLifetime } from '../request/request-lifetime.ts'
import { brokenStream } from './broken-stream.ts'
import { passedStream } from './passed-stream.ts'

interface PassOnOptions {
  readonly c: AppContext
  readonly passthrough: Passthrough
  readonly body: Uint8Array | FormData | null
  /** The model's name as the client sent it; null for requests that name none. */
  readonly model: string | null
  readonly streamed: boolean
  /** Why steering is left out. */
  readonly steering: Exclude<SteeringState, { state: 'on' }>
}

/**
 * Has the server answer a request as it is: JSON in one piece, anything else as it is read. Its refusals are
 * responses, with its own words; rejects with GatewayError `upstream_*` when there is no reply. The work at
 * the server ends when the client goes away.
 */
export async function passOn(
  { c, passthrough, body, model, streamed, steering }: PassOnOptions,
  options: StreamOptions,
): Promise<Response> {
  const lifetime = requestLifetime(c)
  const tracker = c.get('tracker')
  const { signal } = lifetime
  tracker.passedOn({ model, steering })
  try {
    const reply = await passthrough.forward({
      method: c.req.raw.method,
      path: passedPath(c),
      headers: c.req.raw.headers,
      body,
      model,
      streamed,
      signal,
    })
    const { status } = reply
    const headers = {
      ...reply.headers,
      'x-costeer-steering': steeringHeader(steering),
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    }
    const contentType = reply.headers['content-type'] ?? ''
    if (reply.body === null || isJson(contentType)) {
      const body = reply.body === null ? null : await wholeBody(reply.body)
      lifetime.release()
      return c.newResponse(body, status as StatusCode, headers)
    }
    const broken = isEventStream(contentType) ? brokenStream(passedPath(c), options.timers.unixSeconds) : null
    const stream = passedStream(reply.body, { ...options, status, broken, lifetime, tracker })
    return c.newResponse(stream, status as StatusCode, headers)
  } catch (error) {
    lifetime.release()
    throw rootFailure(error, signal)
  }
}

/** Path and query as they came; a route of ours by the name that servers know it by. */
function passedPath(c: AppContext): string {
  const { url } = c.req
  const sent = url.slice(url.indexOf('/', url.indexOf('//') + 2))
  const own = answerPath(c.req.path)
  return own === null ? sent : own + (/\?.*/s.exec(sent)?.[0] ?? '')
}

/** A stream would cost a small reply more than all the rest of its way. */
async function wholeBody(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const held: Uint8Array[] = []
  for await (const piece of pieces) held.push(piece)
  return Buffer.concat(held)
}
