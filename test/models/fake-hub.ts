import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname } from 'node:path'

/** How the fake hub treats requests for a file's content. */
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

/** A repository whose files differ. */
export interface FakeRepository {
  /** By their paths; what is changed is its next commit. */
  readonly files: Map<string, Buffer>
  /** What is sent of a file instead of what is listed. */
  readonly sentInstead: Map<string, Buffer>
  /** Whether only those with a token get its files. */
  gated: false | 'auto' | 'manual'
}

const CUT = 'bytes=0-0'

/** A local server that answers `/<repo>/resolve/<revision>/<file>` with ranges, like the Hugging Face Hub. */
export function startFakeHub(content: Buffer): Promise<FakeHub> {
  return listening((hub, request, response) => answer(hub, { content, etag: hub.etag }, request, response))
}

/**
 * The same for a repository, which it also lists: `/api/models/<repo>/revision/<revision>` names its commit
 * and whether it is gated, and `/api/models/<repo>/tree/<commit>` its files, as the hub's own client reads
 * them.
 */
export function startFakeRepository(repo: string, repository: FakeRepository): Promise<FakeHub> {
  return listening((hub, request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://hub')
    const [, api, of] = /^\/api\/models\/(.+?)\/(revision|tree)\/[^/]+$/.exec(pathname) ?? []
    const [, resolved, file = ''] = /^\/(.+?)\/resolve\/[^/]+\/(.+)$/.exec(pathname) ?? []
    const content = repository.files.get(file)
    if (hub.mood.type === 'status') answer(hub, { content: Buffer.alloc(0), etag: '' }, request, response)
    else if ((api ?? resolved) !== repo) refuse(response, 401, 'RepoNotFound')
    else if (of === 'revision') sendJson(hub, request, response, infoOf(repo, repository))
    else if (of === 'tree')
      sendJson(hub, request, response, treeOf(repository, searchParams.get('recursive') === 'true'))
    else if (repository.gated !== false && request.headers.authorization === undefined)
      refuse(response, 401, 'GatedRepo')
    else if (content === undefined) refuse(response, 404, 'EntryNotFound')
    else {
      const sent = repository.sentInstead.get(file) ?? content
      answer(hub, { content: sent, etag: digestsOf(file, content).etag }, request, response)
    }
  })
}

type Answering = (hub: FakeHub, request: IncomingMessage, response: ServerResponse) => void

async function listening(answering: Answering): Promise<FakeHub> {
  const server = createServer((request, response) => answering(hub, request, response))
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

interface Answered {
  readonly content: Buffer
  readonly etag: string
}

function answer(
  hub: FakeHub,
  { content, etag }: Answered,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const range = request.headers.range ?? ''
  note(hub, request)
  if (hub.mood.type === 'status') {
    response.writeHead(hub.mood.status).end()
    return
  }
  const [, first = '0', last = String(content.length - 1)] = /^bytes=(\d+)-(\d*)$/.exec(range) ?? []
  const part = content.subarray(Number(first), Number(last) + 1)
  response.writeHead(206, {
    etag: `"${etag}"`,
    'content-length': part.length,
    'content-range': `bytes ${first}-${last}/${content.length}`,
  })
  if (hub.mood.type === 'cut-after' && part.length > hub.mood.bytes && range !== CUT) {
    // Not before all has gone out: what is under way when a connection is reset may be lost
    response.write(part.subarray(0, hub.mood.bytes), () => response.socket?.destroySoon())
  } else response.end(part)
}

function note(hub: FakeHub, request: IncomingMessage): void {
  const { range = '', authorization = '-' } = request.headers
  hub.requests.push(`${request.url} ${range} ${authorization}`)
}

function sendJson(hub: FakeHub, request: IncomingMessage, response: ServerResponse, body: unknown): void {
  note(hub, request)
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'x-error-code': code }).end()
}

/** Large files are kept apart and named by their SHA-256, others as Git names them. */
function digestsOf(name: string, content: Buffer) {
  const header = Buffer.from(`blob ${content.length}\0`)
  const oid = createHash('sha1')
    .update(Buffer.concat([header, content]))
    .digest('hex')
  const isLarge = /\.(safetensors|gguf)$|^tokenizer\.json$/.test(name)
  const sha256 = createHash('sha256').update(content).digest('hex')
  return { oid, ...(isLarge && { sha256 }), etag: isLarge ? sha256 : oid }
}

function infoOf(repo: string, { files, gated }: FakeRepository) {
  const names = [...files].map(([name, content]) => `${name} ${digestsOf(name, content).oid}`)
  const sha = createHash('sha1').update(names.join('\n')).digest('hex')
  return { _id: 'a', id: repo, sha, gated, private: false, lastModified: '2026-01-01T00:00:00.000Z' }
}

function treeOf({ files }: FakeRepository, isRecursive: boolean) {
  const folder = (path: string) => ({ type: 'directory', oid: 'a'.repeat(40), size: 0, path })
  const folders = new Set([...files.keys()].filter((path) => path.includes('/')).map((path) => dirname(path)))
  const shown = [...files].filter(([path]) => isRecursive || !path.includes('/'))
  const listed = shown.map(([path, content]) => {
    const { oid, sha256 } = digestsOf(path, content)
    const size = content.length
    const lfs = sha256 === undefined ? {} : { lfs: { oid: sha256, size, pointerSize: 134 } }
    return { type: 'file', oid, size, path, ...lfs }
  })
  return [folder('onnx'), ...[...folders].map(folder), ...listed]
}
