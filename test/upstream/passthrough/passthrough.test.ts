import zlib from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../src/gateway-error.ts'
import {
  openPassthrough,
  type PassedReply,
  type PassedRequest,
} from '../../../src/upstream/passthrough/passthrough.ts'
import { listeningServer } from '../http/listening-server.ts'

function request(change: Partial<PassedRequest> = {}): PassedRequest {
  return {
    method: 'POST',
    path: '/v1/chat/completions?x=1',
    headers: new Headers({ 'content-type': 'application/json' }),
    body: new TextEncoder().encode('{"model":"client","n":1.0}'),
    model: 'client',
    streamed: false,
    signal: new AbortController().signal,
    ...change,
  }
}

async function text({ body }: PassedReply): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of body ?? []) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

const timeouts = { connectMs: 1000, firstByteMs: 50, idleMs: 50 }

describe('a request that is passed on', () => {
  test.each([
    ['application/json', '{"model":"up","x":1.0}', '{"model":"client","x":1.0}'],
    ['text/event-stream', 'data: {"model":"up"}\n\n', 'data: {"model":"client"}\n\n'],
    ['text/html', '<html>', '<html>'],
  ])('gets %s readable where it was compressed on its way', async (type, sent, expected) => {
    const packed = zlib.gzipSync(sent)
    const server = await listeningServer((response) => {
      const length = packed.length
      response.writeHead(200, { 'content-type': type, 'content-encoding': 'gzip', 'content-length': length })
      response.end(packed)
    })
    const reply = await openPassthrough({ url: server.url, model: 'up' }).forward(request())
    expect(await text(reply)).toBe(expected)
    expect(Object.keys(reply.headers)).toEqual(['content-type'])
  })

  test("goes to the server with its own key and model name, and none of the client's headers", async () => {
    const server = await listeningServer((response) => void response.end('{"model":"up","x":1.0}'))
    const passthrough = openPassthrough({
      url: `${server.url}/base/v1`,
      model: 'up',
      apiKey: 'server-key',
    })
    const headers = new Headers({
      'content-type': 'application/json',
      authorization: 'Bearer client-key',
      cookie: 'a=b',
      'x-costeer-profile': 'ann',
      'user-agent': 'client/1',
      'openai-beta': 'assistants=v2',
    })
    const reply = await passthrough.forward(request({ headers }))
    expect(await text(reply)).toBe('{"model":"up","x":1.0}')
    const [arrived] = server.arrived
    expect(arrived).toMatchObject({ method: 'POST', url: '/base/v1/chat/completions?x=1' })
    expect(arrived?.body.toString()).toBe('{"model":"up","n":1.0}')
    const {
      host: _host,
      connection: _connection,
      'content-length': _length,
      ...received
    } = arrived?.headers ?? {}
    expect(received).toEqual({
      'accept-encoding': 'identity',
      authorization: 'Bearer server-key',
      'content-type': 'application/json',
      'openai-beta': 'assistants=v2',
    })
    await passthrough.close()
  })

  test('brings back status, harmless headers and the body, with the model name of the client', async () => {
    const server = await listeningServer((response) => {
      response.writeHead(429, {
        'content-type': 'application/json; charset=utf-8',
        'retry-after': '7',
        'x-ratelimit-limit-requests': '5',
        'set-cookie': 'a=b',
        'access-control-allow-origin': '*',
        server: 'uvicorn',
      })
      response.end('{"error":{"message":"slow down"},"model":"up"}')
    })
    const passthrough = openPassthrough({ url: server.url, model: 'up' })
    const reply = await passthrough.forward(request())
    expect(reply).toMatchObject({
      status: 429,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'retry-after': '7',
        'x-ratelimit-limit-requests': '5',
      },
    })
    expect(Object.keys(reply.headers)).toHaveLength(3)
    expect(await text(reply)).toBe('{"error":{"message":"slow down"},"model":"client"}')
    await passthrough.close()
  })

  test('may be a form, whose model is renamed and whose files stay', async () => {
    const server = await listeningServer((response) => void response.end('{}'))
    const passthrough = openPassthrough({ url: server.url, model: 'up' })
    const form = new FormData()
    form.set('model', 'client')
    form.set('costeer', '{"profile":"ann"}')
    form.set('file', new Blob([Uint8Array.of(0, 255, 13, 10)]), 'a.wav')
    await text(
      await passthrough.forward(request({ body: form, headers: new Headers({ 'content-type': 'x' }) })),
    )
    const [arrived] = server.arrived
    const received = await new Response(arrived?.body, {
      headers: { 'content-type': arrived?.headers['content-type'] ?? '' },
    }).formData()
    expect([...received.keys()].sort()).toEqual(['file', 'model'])
    expect(received.get('model')).toBe('up')
    const file = received.get('file')
    expect(file instanceof Blob && [...new Uint8Array(await file.arrayBuffer())]).toEqual([0, 255, 13, 10])
    await passthrough.close()
  })

  test('is read no faster than its reader reads', async () => {
    const piece = Buffer.alloc(256 * 1024)
    let written = 0
    const server = await listeningServer((response) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream' })
      const write = () => {
        while (++written < 400) if (!response.write(piece)) return void response.once('drain', write)
        response.end()
      }
      write()
    })
    const passthrough = openPassthrough({ url: server.url, model: 'client' })
    const reply = await passthrough.forward(request())
    let read = 0
    for await (const { length } of reply.body ?? []) {
      read += length
      // Sockets buffer some on either side.
      expect(written * piece.length - read).toBeLessThan(20 * 2 ** 20)
      await new Promise((resolve) => setImmediate(resolve))
      if (read > 40 * 2 ** 20) break
    }
    while (server.brokenOff() === 0) await new Promise((resolve) => setImmediate(resolve))
    expect(written).toBeLessThan(400)
    await passthrough.close()
  })

  test('ends at the server when its signal aborts, before or after the reply begins', async () => {
    const server = await listeningServer((response, { url }) => {
      if (url.includes('late')) response.write('a')
    })
    const passthrough = openPassthrough({ url: server.url, model: 'client' })
    for (const path of ['/v1/early', '/v1/late']) {
      const controller = new AbortController()
      const reason = new GatewayError('shutting_down', 'Enough.')
      const reading = passthrough.forward(request({ path, signal: controller.signal })).then(text)
      const failure = reading.catch((error: unknown) => error)
      while (server.arrived.at(-1)?.url !== path) await new Promise((resolve) => setImmediate(resolve))
      controller.abort(reason)
      expect(await failure).toBe(reason)
    }
    while (server.brokenOff() < 2) await new Promise((resolve) => setImmediate(resolve))
    await passthrough.close()
  })

  test('fails with a timeout when a stream does not begin or falls silent, and a whole reply may take its time', async () => {
    let finishSlowReply = () => {}
    const server = await listeningServer((response, { url }) => {
      if (url.includes('stalls')) response.write('a')
      if (url.includes('slow')) finishSlowReply = () => response.end('late')
    })
    const passthrough = openPassthrough({ url: server.url, model: 'client', timeouts })
    const slow = passthrough.forward(request({ path: '/v1/slow' })).then(text)
    while (server.arrived.length === 0) await new Promise((resolve) => setImmediate(resolve))
    for (const path of ['/v1/silent', '/v1/stalls']) {
      const reading = passthrough.forward(request({ path, streamed: true })).then(text)
      await expect(reading).rejects.toMatchObject({ code: 'upstream_timeout' })
    }
    // By now it has waited longer than a stream may.
    finishSlowReply()
    expect(await slow).toBe('late')
    await passthrough.close()
  })

  test('says when there is no server, or when it breaks off', async () => {
    const server = await listeningServer((response) => {
      response.write('a')
      setImmediate(() => response.destroy())
    })
    const passthrough = openPassthrough({ url: server.url, model: 'client' })
    await expect(passthrough.forward(request()).then(text)).rejects.toMatchObject({
      code: 'upstream_unreachable',
    })
    await passthrough.close()
    const gone = openPassthrough({ url: 'http://127.0.0.1:9', model: 'client' })
    await expect(gone.forward(request())).rejects.toMatchObject({ code: 'upstream_unreachable' })
    await gone.close()
  })
})
