// This room owns requests that steering cannot do, on their way to a server and back with hardly a byte
// changed. It knows nothing of tokens or of the kinds of upstream.
import type { Dispatcher } from 'undici'
import { GatewayError } from '../../gateway-error.ts'
import { ConnectionPool } from '../http/connection-pool.ts'
import { defaultTimeouts, EndpointDeadline, type EndpointTimeouts } from '../http/endpoint-deadline.ts'
import { brokenOff, invalidReply, unreachable } from '../http/endpoint-failure.ts'
import type { EndpointOptions } from '../http/http-endpoint.ts'
import { followingRedirects } from '../http/redirect.ts'
import { replyBytes } from '../http/reply-bytes.ts'
import { contentOfEvents, isBlank } from '../http/reply-content.ts'
import { serverAddress } from '../http/server-address.ts'
import { isEventStream, isJson, outgoingJson } from './passed-body.ts'
import { replyWithModelName } from './reply-with-model-name.ts'

/** A request of a client that is none of the gateway's business. */
export interface PassedRequest {
  readonly method: string
  /** Path and query, from `/v1` on. */
  readonly path: string
  readonly headers: Headers
  readonly body: Uint8Array | FormData | null
  /** The model's name as the client knows it; null for a request that names none and needs none. */
  readonly model: string | null
  /** Whether the reply comes as it is made, so that its first byte says that the server is at work. */
  readonly streamed: boolean
  readonly signal: AbortSignal
}

export interface PassedReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /**
   * Read at the reader's pace; leaving it stops the work at the server. JSON comes in one piece,
   * and events come whole, so that a break never leaves half of one. Throws `upstream_unreachable`,
   * `upstream_timeout` or the signal's reason. Null for replies without a body.
   */
  readonly body: AsyncIterable<Uint8Array> | null
}

/** A server that also answers what steering cannot do. */
export interface Passthrough {
  /**
   * Sends the request as it is. Refusals of the server are replies; rejects with GatewayError `upstream_*`
   * otherwise.
   */
  forward(request: PassedRequest): Promise<PassedReply>
  close(): Promise<void>
}

/** Nobody traces what is passed on. */
export interface PassthroughOptions extends Omit<EndpointOptions, 'onSend'> {
  /** The model's name at the server. */
  readonly model: string
}

/**
 * A reply in one piece has its first byte when its last token is made: the time that OpenAI's clients wait.
 */
const WHOLE_REPLY_MS = 600_000

/** What a client's headers say of the request itself, and not of the client. */
const requestHeaders = [
  'accept',
  'anthropic-beta',
  'anthropic-version',
  'content-type',
  'idempotency-key',
  'openai-beta',
]

/**
 * What a server's headers say of the reply. The rest is about the connection, about cookies or about other
 * origins.
 */
const REPLY_HEADERS =
  /^(content-(type|language|disposition)|location|retry-after|x-should-retry|x-ratelimit-.*|(openai|anthropic)-.*)$/

interface SentMessage {
  readonly headers: Record<string, string>
  readonly body: Uint8Array | null
}

type Reply = Dispatcher.ResponseData

/** Opens no connection yet. */
export function openPassthrough(options: PassthroughOptions): Passthrough {
  return new HttpPassthrough(options)
}

class HttpPassthrough implements Passthrough {
  readonly #options: PassthroughOptions
  readonly #timeouts: EndpointTimeouts
  readonly #where: string
  readonly #origin: string
  readonly #basePath: string
  readonly #pool: ConnectionPool

  constructor(options: PassthroughOptions) {
    const { origin, basePath, where } = serverAddress(options.url)
    this.#options = options
    this.#origin = origin
    this.#basePath = basePath
    this.#where = where
    this.#timeouts = { ...defaultTimeouts, ...options.timeouts }
    this.#pool = new ConnectionPool({ origin, connectMs: this.#timeouts.connectMs })
  }

  async forward(request: PassedRequest): Promise<PassedReply> {
    const deadline = new EndpointDeadline(request.signal, this.#where)
    try {
      deadline.signal.throwIfAborted()
      const sent = await this.#outgoing(request)
      const { firstByteMs } = this.#timeouts
      deadline.expectContentWithin(request.streamed ? firstByteMs : Math.max(firstByteMs, WHOLE_REPLY_MS))
      const reply = await followingRedirects((path) => this.#send({ ...request, path }, sent, deadline), {
        origin: this.#origin,
        path: this.#basePath + request.path,
        where: this.#where,
        // What else a client would do with a redirect is its own business.
        mayFollow: (status) => status === 307 || status === 308 || /^(GET|HEAD)$/.test(request.method),
      })
      return this.#reply(request, reply, deadline)
    } catch (error) {
      deadline.end(true)
      throw error
    }
  }

  /** Breaks off what is still under way. */
  close(): Promise<void> {
    return this.#pool.destroy()
  }

  async #outgoing({ body, headers: received, model }: PassedRequest): Promise<SentMessage> {
    const headers: Record<string, string> = { 'accept-encoding': 'identity' }
    for (const name of requestHeaders) {
      const value = received.get(name)
      if (value !== null) headers[name] = value
    }
    if (this.#options.apiKey !== undefined) headers.authorization = `Bearer ${this.#options.apiKey}`
    if (body instanceof FormData) {
      body.delete('costeer')
      if (model !== null) body.set('model', this.#options.model)
      const encoded = new Response(body)
      headers['content-type'] = encoded.headers.get('content-type') ?? ''
      return { headers, body: new Uint8Array(await encoded.arrayBuffer()) }
    }
    const own = model === null ? null : this.#options.model
    const edited = body !== null && isJson(headers['content-type'] ?? '')
    return { headers, body: edited ? outgoingJson(body, own) : body }
  }

  /** `path` is the whole one. */
  async #send(
    { method, path }: Pick<PassedRequest, 'method' | 'path'>,
    sent: SentMessage,
    deadline: EndpointDeadline,
  ): Promise<Reply> {
    try {
      return await this.#pool.request({
        method,
        path,
        headers: sent.headers,
        body: sent.body,
        signal: deadline.signal,
      })
    } catch (error) {
      if (deadline.signal.aborted) throw deadline.signal.reason
      throw unreachable(this.#where, error, this.#options.startCommand)
    }
  }

  #reply({ method, model }: PassedRequest, reply: Reply, deadline: EndpointDeadline): PassedReply {
    const status = reply.statusCode
    if (status < 200) throw invalidReply(this.#where, `a reply with the status ${status}`)
    const headers: Record<string, string> = {}
    for (const [name, value] of Object.entries(reply.headers)) {
      if (REPLY_HEADERS.test(name) && value !== undefined) headers[name] = [value].flat().join(', ')
    }
    if (method === 'HEAD' || status === 204 || status === 205 || status === 304) {
      reply.body.dump().catch(() => {})
      deadline.end(false)
      return { status, headers, body: null }
    }
    const contentType = headers['content-type'] ?? ''
    const body = replyWithModelName(this.#chunks(reply, deadline, contentType), {
      contentType,
      model: model === this.#options.model ? null : model,
      where: this.#where,
    })
    return { status, headers, body }
  }

  async *#chunks(
    reply: Reply,
    deadline: EndpointDeadline,
    contentType: string,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const holdsContent = isEventStream(contentType)
      ? contentOfEvents()
      : (chunk: Uint8Array) => !isBlank(chunk)
    let begun = false
    let complete = false
    try {
      for await (const chunk of replyBytes(reply, this.#where)) {
        if (!begun && holdsContent(chunk)) {
          begun = true
          deadline.expectWithin(this.#timeouts.idleMs)
        }
        deadline.pause()
        yield chunk
        deadline.resume()
      }
      complete = true
    } catch (error) {
      if (deadline.signal.aborted) throw deadline.signal.reason
      throw error instanceof GatewayError ? error : brokenOff(this.#where)
    } finally {
      // An abort that nothing is left for costs more than the clock
      deadline.end(!complete)
    }
  }
}
