// This room owns HTTP as a client: connections, time limits, server-sent events, and failures in the
// gateway's words. It knows nothing of tokens and models, nor of any server's routes.
import type { Dispatcher } from 'undici'
import type { z } from 'zod'
import { GatewayError } from '../../gateway-error.ts'
import { runInSlices } from '../../work-slices.ts'
import { ConnectionPool } from './connection-pool.ts'
import { defaultTimeouts, EndpointDeadline, type EndpointTimeouts } from './endpoint-deadline.ts'
import {
  brokenOff,
  checkedReply,
  errorDetailsOf,
  invalidReply,
  parsedJson,
  refusal,
  unreachable,
} from './endpoint-failure.ts'
import { isLarge, writingJson } from './json-body.ts'
import { followingRedirects, unfollowedRedirect } from './redirect.ts'
import { replyBytes } from './reply-bytes.ts'
import { hasContent, isBlank } from './reply-content.ts'
import { routeOf, serverAddress } from './server-address.ts'
import { serverSentEvents } from './server-sent-events.ts'
import { SpareConnections } from './spare-connections.ts'
import { textLines } from './text-lines.ts'

/** One request as it left this machine: all that the upstream learns, except the credentials. */
export interface SentRequest {
  /** `EMBEDDED` for a model inside this program. */
  readonly method: string
  readonly path: string
  /** JSON, or empty. */
  readonly body: string
}

export interface EndpointOptions {
  /** http or https; a trailing `/v1` is accepted and ignored. */
  readonly url: string
  /** What the server is, as the beginning of a sentence; "The upstream" unless given. */
  readonly who?: string
  /** How a person starts such a server, for the error when it is not there. */
  readonly startCommand?: string
  /** Sent as bearer token. */
  readonly apiKey?: string
  readonly timeouts?: Partial<EndpointTimeouts>
  /** Idle connections to keep after use, at most. No limit unless given. */
  readonly idleConnections?: number
  /** Connections to hold open for queries to come, at most; 0 unless given. */
  readonly spareConnections?: number
  /** None is held open for queries to come while there are so many in all. No limit unless given. */
  readonly plentyOfConnections?: () => number
  /** Sees every request, before it is sent. */
  readonly onSend?: (request: SentRequest) => void
}

type Reply = Dispatcher.ResponseData

interface StreamedRequest<T> {
  readonly path: string
  readonly body: object
  readonly schema: z.ZodType<T>
  /** The JSON texts in a stream. */
  readonly parts: typeof serverSentEvents
}

const MAX_REPLY_BYTES = 512 * 2 ** 20
const MAX_ERROR_BYTES = 64 * 2 ** 10
const MAX_EVENT_CHARACTERS = 64 * 2 ** 20
/** What tells of the server alone is told at once, however long a prompt may take. */
const STATUS_MS = 60_000

/**
 * A JSON-over-HTTP server. Every call rejects with a GatewayError (`upstream_unreachable`,
 * `upstream_refused`, `overloaded`, `upstream_timeout`, `upstream_invalid_reply`, `context_length_exceeded`),
 * or with the signal's reason once aborted; an abort closes the connection, by which servers notice that
 * nobody waits any more.
 */
export class HttpEndpoint {
  /** Names the server in error messages. */
  readonly where: string
  readonly #pool: ConnectionPool
  readonly #spares: SpareConnections
  readonly #origin: string
  readonly #basePath: string
  readonly #headers: Record<string, string>
  readonly #timeouts: EndpointTimeouts
  readonly #startCommand: string | undefined
  readonly #onSend: ((request: SentRequest) => void) | undefined

  constructor(options: EndpointOptions) {
    const { origin, basePath, where } = serverAddress(options.url, options.who)
    this.#origin = origin
    this.#basePath = basePath
    this.where = where
    this.#timeouts = { ...defaultTimeouts, ...options.timeouts }
    this.#headers = options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` }
    this.#onSend = options.onSend
    this.#startCommand = options.startCommand
    const { spareConnections = 0, plentyOfConnections: plenty = () => Number.POSITIVE_INFINITY } = options
    this.#spares = new SpareConnections({
      most: () => Math.min(spareConnections, plenty() - this.#pool.size),
      connectMs: this.#timeouts.connectMs,
    })
    this.#pool = new ConnectionPool({
      origin,
      connectMs: this.#timeouts.connectMs,
      connect: this.#spares.connect,
      ...(options.idleConnections === undefined ? {} : { idleConnections: options.idleConnections }),
    })
  }

  get<T>(path: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    return this.#json({ method: 'GET', path, body: '' }, schema, signal)
  }

  post<T>(path: string, body: object, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    const send = (written: string) => this.#json({ method: 'POST', path, body: written }, schema, signal)
    return isLarge(body) ? runInSlices(writingJson(body), signal).then(send) : send(JSON.stringify(body))
  }

  /** Sends what needs no answer; whatever a reply holds is dropped. */
  async tell(path: string, body: object, signal: AbortSignal): Promise<void> {
    const deadline = new EndpointDeadline(signal, this.where)
    try {
      const reply = await this.#send({ method: 'POST', path, body: JSON.stringify(body) }, deadline)
      await this.#text(reply, deadline, MAX_ERROR_BYTES)
    } finally {
      deadline.end(false)
    }
  }

  /** As `post`, but a refusal (HTTP 400) resolves to its body, error envelope and all. */
  async postRefusable(path: string, body: object, signal: AbortSignal): Promise<unknown> {
    const deadline = new EndpointDeadline(signal, this.where)
    try {
      const reply = await this.#send({ method: 'POST', path, body: JSON.stringify(body) }, deadline, 400)
      return parsedJson(await this.#text(reply, deadline, MAX_REPLY_BYTES), this.where)
    } finally {
      deadline.end(false)
    }
  }

  /**
   * The events of a server-sent stream, up to `[DONE]` or the end of the reply. The caller must check that
   * the last event was one that ends the stream. Leaving the loop closes the connection.
   */
  events<T>(
    path: string,
    body: object,
    schema: z.ZodType<T>,
    signal: AbortSignal,
  ): AsyncGenerator<T, void, undefined> {
    return this.#streamed({ path, body, schema, parts: serverSentEvents }, signal)
  }

  /** The same of a stream whose lines are JSON, each. */
  lines<T>(
    path: string,
    body: object,
    schema: z.ZodType<T>,
    signal: AbortSignal,
  ): AsyncGenerator<T, void, undefined> {
    return this.#streamed({ path, body, schema, parts: textLines }, signal)
  }

  /** Breaks off what is still under way. */
  close(): Promise<void> {
    this.#spares.close()
    return this.#pool.destroy()
  }

  async *#streamed<T>(
    { path, body, schema, parts }: StreamedRequest<T>,
    signal: AbortSignal,
  ): AsyncGenerator<T, void, undefined> {
    const { where } = this
    const deadline = new EndpointDeadline(signal, where)
    try {
      const written = isLarge(body) ? await runInSlices(writingJson(body), signal) : JSON.stringify(body)
      const reply = await this.#send({ method: 'POST', path, body: written }, deadline)
      const chunks = this.#chunks(reply, deadline, Number.POSITIVE_INFINITY)
      let begun = false
      for await (const data of parts(chunks, { where, maxEventCharacters: MAX_EVENT_CHARACTERS })) {
        if (data === '[DONE]') return
        const event = parsedJson(data, where)
        const details = errorDetailsOf(event)
        if (details !== null) throw refusal({ where, status: statusOf(details.code), details })
        if (!begun && hasContent(event)) {
          begun = true
          deadline.expectWithin(this.#timeouts.idleMs)
        }
        deadline.pause()
        yield checkedReply(schema, event, where)
        deadline.resume()
      }
    } finally {
      deadline.end(true)
    }
  }

  async #json<T>(request: SentRequest, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    const deadline = new EndpointDeadline(signal, this.where)
    try {
      const reply = await this.#send(request, deadline)
      const text = await this.#text(reply, deadline, MAX_REPLY_BYTES)
      return checkedReply(schema, parsedJson(text, this.where), this.where)
    } finally {
      deadline.end(false)
    }
  }

  async #send(request: SentRequest, deadline: EndpointDeadline, accepted?: number): Promise<Reply> {
    deadline.signal.throwIfAborted()
    const { firstByteMs } = this.#timeouts
    deadline.expectContentWithin(request.body === '' ? Math.min(firstByteMs, STATUS_MS) : firstByteMs)
    const place = { origin: this.#origin, path: this.#basePath + request.path, where: this.where }
    const reply = await followingRedirects((path) => this.#request({ ...request, path }, deadline), {
      ...place,
      // A query changes nothing, so it may be repeated; only 303 would make another request of it.
      mayFollow: (status) => status !== 303 || request.method === 'GET',
    })
    if (reply.statusCode < 300 || reply.statusCode === accepted) return reply
    const redirect = unfollowedRedirect(reply, { ...place, route: request.path })
    if (redirect !== null) {
      await this.#text(reply, deadline, MAX_ERROR_BYTES)
      throw redirect
    }
    const retryAfter = reply.headers['retry-after']
    throw refusal({
      where: this.where,
      status: reply.statusCode,
      details: await this.#errorDetails(reply, deadline),
      retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
    })
  }

  /** Sends `request`, whose path is the whole one. */
  async #request(request: SentRequest, deadline: EndpointDeadline): Promise<Reply> {
    const hasBody = request.body !== ''
    this.#onSend?.({ ...request, path: routeOf(request.path, this.#basePath) })
    try {
      return await this.#pool.request({
        method: request.method,
        path: request.path,
        headers: hasBody ? { ...this.#headers, 'content-type': 'application/json' } : this.#headers,
        body: hasBody ? request.body : null,
        signal: deadline.signal,
      })
    } catch (error) {
      if (deadline.signal.aborted) throw deadline.signal.reason
      throw unreachable(this.where, error, this.#startCommand)
    }
  }

  async #errorDetails(reply: Reply, deadline: EndpointDeadline): Promise<ReturnType<typeof errorDetailsOf>> {
    const text = await this.#text(reply, deadline, MAX_ERROR_BYTES)
    try {
      return errorDetailsOf(JSON.parse(text))
    } catch {
      return null
    }
  }

  async #text(reply: Reply, deadline: EndpointDeadline, maxBytes: number): Promise<string> {
    const chunks: Uint8Array[] = []
    let begun = false
    for await (const chunk of this.#chunks(reply, deadline, maxBytes)) {
      if (!begun && !isBlank(chunk)) {
        begun = true
        deadline.expectWithin(this.#timeouts.idleMs)
      }
      chunks.push(chunk)
    }
    return Buffer.concat(chunks).toString('utf8')
  }

  async *#chunks(reply: Reply, deadline: EndpointDeadline, maxBytes: number): AsyncGenerator<Uint8Array> {
    let bytes = 0
    try {
      for await (const chunk of replyBytes(reply, this.where)) {
        deadline.refresh()
        bytes += chunk.byteLength
        if (bytes > maxBytes) throw invalidReply(this.where, `a reply of more than ${maxBytes} bytes`)
        yield chunk
      }
    } catch (error) {
      if (deadline.signal.aborted) throw deadline.signal.reason
      throw error instanceof GatewayError ? error : brokenOff(this.where)
    }
  }
}

function statusOf(code: string | number | null | undefined): number {
  const status = Number(code)
  return Number.isInteger(status) && status >= 400 && status < 600 ? status : 500
}
