import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SentRequest } from '../../../src/upstream/http/http-endpoint.ts'

/** A request and its reply, as a real server gave it. */
export interface Exchange extends SentRequest {
  readonly status: number
  readonly contentType: string
  readonly reply: string
}

/** Answers a request in its own way; false leaves it to the recorded exchanges. */
export type Intercept = (request: SentRequest, response: ServerResponse) => boolean

export interface FakeServer {
  readonly url: string
  /** Everything received so far. */
  readonly requests: SentRequest[]
  /** Replies that are still open. */
  openReplies(): number
  /** From now on; null goes back to the recorded exchanges alone. */
  intercept(intercept: Intercept | null): void
  close(): Promise<void>
}

/** Replays recorded exchanges over HTTP, with faults scripted by `intercept`. */
export async function startFakeServer(exchanges: readonly Exchange[]): Promise<FakeServer> {
  const requests: SentRequest[] = []
  const open = new Set<ServerResponse>()
  let intercept: Intercept | null = null
  const server = createServer(async (incoming, response) => {
    open.add(response)
    response.on('close', () => open.delete(response))
    let body = ''
    for await (const chunk of incoming.setEncoding('utf8')) body += chunk
    const method = incoming.method === 'GET' ? 'GET' : 'POST'
    const request = { method, path: incoming.url ?? '', body } as const
    requests.push(request)
    if (intercept?.(request, response)) return
    const recorded = exchanges.find(
      (exchange) =>
        exchange.method === method && exchange.path === request.path && exchange.body === request.body,
    )
    if (!recorded) response.writeHead(404).end('{"error":{"message":"not recorded","type":"not_recorded"}}')
    else response.writeHead(recorded.status, { 'content-type': recorded.contentType }).end(recorded.reply)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    openReplies: () => open.size,
    intercept(next) {
      intercept = next
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
