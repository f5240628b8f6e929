import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'

/** One request as it arrived over the socket. */
export interface Arrived {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface ListeningServer {
  readonly url: string
  readonly arrived: readonly Arrived[]
  /** Connections that ended before their reply did. */
  readonly brokenOff: () => number
}

const open: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

/** A server on a free port of this machine that answers as `answer` does; closed after the test. */
export async function listeningServer(
  answer: (response: ServerResponse, arrived: Arrived) => void | Promise<void>,
): Promise<ListeningServer> {
  const arrived: Arrived[] = []
  let brokenOff = 0
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    response.on('close', () => {
      if (!response.writableFinished) brokenOff++
    })
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { method = '', url = '', headers } = request
    const record = { method, url, headers, body: Buffer.concat(chunks) }
    arrived.push(record)
    await answer(response, record)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, arrived, brokenOff: () => brokenOff }
}
