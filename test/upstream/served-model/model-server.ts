import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import type { Tokenizer } from '../../../src/slm/text/tokenizer.ts'
import type { Upstream } from '../../../src/steer/upstream.ts'

/** A model behind a fake server's routes. */
export interface ServedModel {
  readonly upstream: Upstream
  readonly tokenizer: Tokenizer
}

export interface ModelRequest {
  readonly path: string
  readonly body: unknown
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal
}

/** A reply in one piece, JSON lines, or the data of server-sent events. */
export type ModelReply =
  | { readonly status?: number; readonly json: unknown }
  | { readonly lines: AsyncIterable<unknown> }
  | AsyncIterable<unknown>

export interface ModelServer {
  readonly url: string
  readonly requests: readonly ModelRequest[]
  /** Requests that are being answered. */
  working(): number
  close(): Promise<void>
}

async function jsonOf(incoming: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of incoming.setEncoding('utf8')) text += chunk
  return text === '' ? {} : z.json().parse(JSON.parse(text))
}

async function send(reply: ModelReply, response: ServerResponse): Promise<void> {
  if ('json' in reply) {
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(reply.json))
    return
  }
  if ('lines' in reply) {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    for await (const line of reply.lines) response.write(`${JSON.stringify(line)}\n`)
    response.end()
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for await (const event of reply) response.write(`data: ${JSON.stringify(event)}\n\n`)
  response.end('data: [DONE]\n\n')
}

/** Serves `answer` over HTTP on a free port; a client that goes away aborts the answer's signal. */
export async function startModelServer(
  answer: (request: ModelRequest) => Promise<ModelReply>,
): Promise<ModelServer> {
  const requests: ModelRequest[] = []
  let working = 0
  const server = createServer(async (incoming, response) => {
    const controller = new AbortController()
    response.on('close', () => controller.abort())
    const request = { path: incoming.url ?? '', body: await jsonOf(incoming), signal: controller.signal }
    requests.push(request)
    working++
    try {
      await send(await answer(request), response)
    } catch {
      response.destroy()
    } finally {
      working--
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    working: () => working,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
