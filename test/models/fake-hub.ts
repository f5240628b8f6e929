import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How the fake hub treats requests for the file's content. */
type HubMood =
  | { readonly type: 'healthy' }
  | { readonly type: 'status'; readonly status: number }
  | { readonly type: 'cut-after'; readonly bytes: number }

export interface FakeHub {
  readonly url: string
  /** Each request as `path range authorization`. */
  readonly requests: string[]
  mood: HubMood
  /** What it calls the file's content. */
  etag: string
  close(): Promise<void>
}

const CUT = 'bytes=0-0'

/** A local server that answers `/<repo>/resolve/<revision>/<file>` with ranges, like the Hugging Face Hub. */
export async function startFakeHub(content: Buffer): Promise<FakeHub> {
  const server = createServer((request, response) => answer(hub, content, request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const hub: FakeHub = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    mood: { type: 'healthy' },
    etag: 'fake',
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
  return hub
}

function answer(hub: FakeHub, content: Buffer, request: IncomingMessage, response: ServerResponse) {
  const range = request.headers.range ?? ''
  hub.requests.push(`${request.url} ${range} ${request.headers.authorization ?? '-'}`)
  if (hub.mood.type === 'status') {
    response.writeHead(hub.mood.status).end()
    return
  }
  const [, first = '0', last = String(content.length - 1)] = /^bytes=(\d+)-(\d*)$/.exec(range) ?? []
  const part = content.subarray(Number(first), Number(last) + 1)
  response.writeHead(206, {
    etag: `"${hub.etag}"`,
    'content-length': part.length,
    'content-range': `bytes ${first}-${last}/${content.length}`,
  })
  if (hub.mood.type === 'cut-after' && range !== CUT) {
    response.write(part.subarray(0, hub.mood.bytes), () => response.destroy())
  } else response.end(part)
}
