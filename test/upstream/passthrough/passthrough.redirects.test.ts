import { afterEach, describe, expect, test } from 'vitest'
import {
  openPassthrough,
  type PassedRequest,
  type Passthrough,
} from '../../../src/upstream/passthrough/passthrough.ts'
import { listeningServer } from '../http/listening-server.ts'

const opened: Passthrough[] = []

afterEach(async () => {
  for (const passthrough of opened.splice(0)) await passthrough.close()
})

async function forwarded(url: string, change: Partial<PassedRequest>) {
  const passthrough = openPassthrough({ url, model: 'up', apiKey: 'server-key' })
  opened.push(passthrough)
  const { status, headers, body } = await passthrough.forward({
    method: 'POST',
    path: '/v1/old',
    headers: new Headers({ 'content-type': 'application/json' }),
    body: change.method === undefined ? new TextEncoder().encode('{"model":"client"}') : null,
    model: 'client',
    streamed: false,
    signal: new AbortController().signal,
    ...change,
  })
  const pieces: Uint8Array[] = []
  for await (const piece of body ?? []) pieces.push(piece)
  return { status, location: headers.location, text: Buffer.concat(pieces).toString() }
}

/** Redirects from `/v1/old`, and answers everywhere else. */
function movedServer(status: number, location: string) {
  return listeningServer((response, { url }) => {
    if (url === '/v1/old') response.writeHead(status, { location }).end('moved')
    else response.end(`at ${url}`)
  })
}

describe('a redirect of a server that answers what is passed on', () => {
  test.each([307, 308])('to itself is followed with method and body: %i', async (status) => {
    const { url, arrived } = await movedServer(status, '/v1/new?x=1')
    expect(await forwarded(url, {})).toMatchObject({ status: 200, text: 'at /v1/new?x=1' })
    expect(
      arrived.map(({ method, body, headers }) => [method, body.toString(), headers.authorization]),
    ).toEqual([
      ['POST', '{"model":"up"}', 'Bearer server-key'],
      ['POST', '{"model":"up"}', 'Bearer server-key'],
    ])
  })

  test.each([301, 302, 303, 307, 308])('to itself is followed by what only reads: %i', async (status) => {
    const { url, arrived } = await movedServer(status, 'new')
    for (const method of ['GET', 'HEAD']) expect((await forwarded(url, { method })).status).toBe(200)
    expect(arrived.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /v1/old',
      'GET /v1/new',
      'HEAD /v1/old',
      'HEAD /v1/new',
    ])
  })

  test.each([301, 302, 303])(
    "is the client's business where it would not repeat the request: %i",
    async (status) => {
      const { url, arrived } = await movedServer(status, '/v1/new')
      expect(await forwarded(url, {})).toEqual({ status, location: '/v1/new', text: 'moved' })
      expect(arrived).toHaveLength(1)
    },
  )

  test.each([301, 302, 303, 307, 308])(
    'to another origin goes to the client as it is: %i',
    async (status) => {
      const other = await listeningServer((response) => void response.end())
      const { url } = await movedServer(status, `${other.url}/v1/new`)
      for (const change of [{}, { method: 'GET' }]) {
        expect(await forwarded(url, change)).toMatchObject({ status, location: `${other.url}/v1/new` })
      }
      expect(other.arrived).toEqual([])
    },
  )

  test('that goes in a circle is a failure of the server', async () => {
    const { url } = await movedServer(307, '/v1/old')
    await expect(forwarded(url, {})).rejects.toMatchObject({
      code: 'upstream_invalid_reply',
      message: expect.stringContaining('in a circle'),
    })
  })
})
