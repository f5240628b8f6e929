import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  type EndpointOptions,
  HttpEndpoint,
  type SentRequest,
} from '../../../src/upstream/http/http-endpoint.ts'
import { type Arrived, listeningServer } from './listening-server.ts'

const { signal } = new AbortController()
const reply = z.object({ at: z.string() })
const endpoints: HttpEndpoint[] = []

afterEach(async () => {
  for (const endpoint of endpoints.splice(0)) await endpoint.close()
})

function endpointTo(url: string, options: Partial<EndpointOptions> = {}): HttpEndpoint {
  const endpoint = new HttpEndpoint({ url, apiKey: 'server-key', ...options })
  endpoints.push(endpoint)
  return endpoint
}

/** Redirects from `/old` and answers everywhere else with the path at which it was asked. */
function movedServer(status: number, location: string | undefined) {
  return listeningServer((response, { url }) => {
    if (!url.startsWith('/old')) return void response.end(JSON.stringify({ at: url }))
    const headers = location === undefined ? {} : { location }
    response.writeHead(status, headers).end('<html>It has moved.</html>')
  })
}

function seen({ method, url, body, headers }: Arrived): unknown[] {
  return [method, url, body.toString(), headers.authorization]
}

describe('a server that redirects to itself', () => {
  test.each([301, 302, 307, 308])('is followed with the same query: %i', async (status) => {
    const { url, arrived } = await movedServer(status, '/new?x=1')
    expect(await endpointTo(url).post('/old', { a: 1 }, reply, signal)).toEqual({ at: '/new?x=1' })
    expect(await endpointTo(url).get('/old', reply, signal)).toEqual({ at: '/new?x=1' })
    expect(arrived.map(seen)).toEqual([
      ['POST', '/old', '{"a":1}', 'Bearer server-key'],
      ['POST', '/new?x=1', '{"a":1}', 'Bearer server-key'],
      ['GET', '/old', '', 'Bearer server-key'],
      ['GET', '/new?x=1', '', 'Bearer server-key'],
    ])
  })

  test('with 303 is followed by reading, and points a query to another page', async () => {
    const { url, arrived } = await movedServer(303, '/new')
    expect(await endpointTo(url).get('/old', reply, signal)).toEqual({ at: '/new' })
    await expect(endpointTo(url).post('/old', {}, reply, signal)).rejects.toMatchObject({
      code: 'upstream_refused',
      message: `The upstream at ${url} points to another page instead of answering (HTTP 303). Correct its url.`,
    })
    expect(arrived).toHaveLength(3)
  })

  test.each([
    ['new', '/old/new'],
    ['../new', '/new'],
    ['?page=2', '/old/v1?page=2'],
    ['/new#part', '/new'],
    ['/a//b/', '/a//b/'],
  ])('may say where from its own place: %s', async (location, target) => {
    const { url, arrived } = await listeningServer((response, { url }) => {
      if (url === '/old/v1') response.writeHead(307, { location }).end()
      else response.end(JSON.stringify({ at: url }))
    })
    await endpointTo(url).post('/old/v1', {}, reply, signal)
    expect(arrived.at(-1)?.url).toBe(target)
  })

  test('may say where as a whole address', async () => {
    const server = await listeningServer((response, { url, headers }) => {
      const location = `http://${headers.host}/new`
      if (url === '/old') response.writeHead(308, { location }).end()
      else response.end(JSON.stringify({ at: url }))
    })
    expect(await endpointTo(server.url).post('/old', {}, reply, signal)).toEqual({ at: '/new' })
  })

  test('is followed by streams', async () => {
    const { url } = await listeningServer((response, { url }) => {
      if (url === '/old') response.writeHead(307, { location: '/new' }).end()
      else response.end('data: {"at":"stream"}\n\ndata: [DONE]\n\n')
    })
    const events: unknown[] = []
    for await (const event of endpointTo(url).events('/old', {}, reply, signal)) events.push(event)
    expect(events).toEqual([{ at: 'stream' }])
  })

  test('hides no request from who counts them', async () => {
    const { url } = await listeningServer((response, { url }) => {
      if (url === '/base/old') response.writeHead(307, { location: '/base/new' }).end()
      else if (url === '/base/new') response.writeHead(307, { location: '/elsewhere' }).end()
      else response.end('{"at":""}')
    })
    const sent: SentRequest[] = []
    await endpointTo(`${url}/base/v1`, { onSend: (one) => sent.push(one) }).post('/old', {}, reply, signal)
    expect(sent.map(({ path }) => path)).toEqual(['/old', '/new', '/elsewhere'])
  })

  test.each([
    ['to itself', () => '/old'],
    ['to and fro', (url: string) => (url === '/old' ? '/older' : '/old')],
    ['ever further', (url: string) => `${url}/on`],
  ])('is left where its redirects do not end: %s', async (_, next) => {
    const { url, arrived } = await listeningServer((response, { url }) => {
      response.writeHead(302, { location: next(url) }).end()
    })
    await expect(endpointTo(url).get('/old', reply, signal)).rejects.toMatchObject({
      code: 'upstream_invalid_reply',
      message: `The upstream at ${url} redirects a request in a circle, or more than 5 times. Correct its url.`,
    })
    expect(arrived).toHaveLength(6)
  })
})

describe('a server that redirects elsewhere', () => {
  test.each([301, 302, 303, 307, 308])('sends nothing to another origin: %i', async (status) => {
    const other = await listeningServer((response) => void response.end('{"at":"other"}'))
    const { url } = await movedServer(status, `${other.url}/api/old?q=1`)
    for (const asked of [
      endpointTo(url).get('/old', reply, signal),
      endpointTo(url).post('/old', { a: 1 }, reply, signal),
      endpointTo(url).tell('/old', {}, signal),
      endpointTo(url).postRefusable('/old', {}, signal),
    ]) {
      await expect(asked).rejects.toMatchObject({
        code: 'upstream_refused',
        message: `The upstream at ${url} redirects to another server (HTTP ${status}), which gets no request and no API key unasked. If that is right, set url to ${other.url}/api.`,
      })
    }
    expect(other.arrived).toEqual([])
  })

  test.each([
    ['another host', '//other.example/old', 'http://other.example'],
    ['another scheme', 'https://127.0.0.1/old', 'https://127.0.0.1'],
    ['a name and password', 'https://user:secret@other.example/old', 'https://other.example'],
    ['a path that repeats the request', 'https://other.example/login?next=secret', 'https://other.example'],
  ])('is told by its origin alone: %s', async (_, location, origin) => {
    const { url } = await movedServer(302, location)
    await expect(endpointTo(url).post('/old', {}, reply, signal)).rejects.toMatchObject({
      message: expect.stringMatching(new RegExp(`set url to ${origin}\\.$`)),
    })
  })

  test.each([undefined, 'http://[', 'javascript:alert(1)', 'file:///etc/passwd'])(
    'has to say where: %s',
    async (location) => {
      const { url } = await movedServer(302, location)
      await expect(endpointTo(url).post('/old', {}, reply, signal)).rejects.toMatchObject({
        message: `The upstream at ${url} redirects (HTTP 302) and does not say where to. Correct its url.`,
      })
    },
  )
})
