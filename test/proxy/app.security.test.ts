import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { PassThrough } from 'node:stream'
import { text as readText } from 'node:stream/consumers'
import supertest from 'supertest'
import { describe, expect, test } from 'vitest'
import { isLoopback } from '../../src/config/loopback.ts'
import type { Config } from '../../src/config/schema.ts'
import { errorEnvelopeSchema } from '../../src/proxy/errors/error-schema.ts'
import { listen } from '../../src/proxy/listen.ts'
import { refuseUnreadable } from '../../src/proxy/request/unreadable-request.ts'
import { chatRequest, testApp } from './app-under-test.ts'
import { listening } from './listening.ts'
import { end, text } from './scripted-gateway.ts'

const script = { choices: [[text('x'), end(1)]] }

function key(entry: { key?: string; sha256?: string }): Config['server']['keys'][number] {
  return {
    admin: false,
    ...entry,
  }
}

describe('the Host header', () => {
  const status = async (host: string, server: Partial<Config['server']> = {}) =>
    (await testApp({ script, server }).app.request('/v1/models', { headers: { host } })).status

  test.each(['localhost', 'localhost:8787', '127.0.0.1:8787', '[::1]:8787', 'LOCALHOST'])(
    'may be %s on a loopback server',
    async (host) => {
      expect(await status(host)).toBe(200)
    },
  )

  test.each([
    'evil.example',
    'evil.example:8787',
    'localhost.evil.example',
    'localhost@evil.example',
    '127.0.0.1.nip.io',
    '169.254.169.254',
    '[::1',
    'localhost:x',
    '',
  ])('may not be "%s" there', async (host) => {
    expect(await status(host)).toBe(403)
  })

  test('may be a name that the configuration lists', async () => {
    expect(await status('Box.lan:80', { allowed_hosts: ['box.LAN'] })).toBe(200)
    expect(await status('other.lan', { allowed_hosts: ['box.lan'] })).toBe(403)
  })

  test('may be anything on a server that listens wider, unless names are listed', async () => {
    expect(await status('box.lan', { host: '0.0.0.0' })).toBe(200)
    expect(await status('box.lan', { host: '0.0.0.0', allowed_hosts: ['other.lan'] })).toBe(403)
  })

  test("may be a container's address for probes", async () => {
    const { app } = testApp({ script })
    const headers = { host: '10.0.0.7:8787' }
    expect((await app.request('/healthz', { headers })).status).toBe(200)
    expect((await app.request('/readyz', { headers })).status).toBe(200)
    expect((await app.request('/metrics', { headers })).status).toBe(403)
  })
})

describe('the Origin header', () => {
  test('must be ours, where a browser sends one', async () => {
    const { app } = testApp({ script })
    const status = async (origin: string) =>
      (await app.request('/v1/models', { headers: { host: 'localhost:8787', origin } })).status
    expect(await status('http://localhost:8787')).toBe(200)
    expect(await status('https://localhost:8787')).toBe(200)
    for (const foreign of [
      'https://evil.example',
      'http://localhost:3000',
      'null',
      'http://evil.example:8787',
      '',
    ]) {
      expect(await status(foreign)).toBe(403)
    }
  })

  test('gets no CORS headers, and no preflight passes', async () => {
    const { app } = testApp({ script })
    const preflight = await app.request('/v1/chat/completions', {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    })
    expect(preflight.status).toBe(403)
    const response = await app.request(...chatRequest({}))
    for (const headers of [preflight.headers, response.headers]) {
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    }
  })
})

describe('API keys', () => {
  const server = {
    keys: [
      key({ key: 'sk-plain-key' }),
      key({ sha256: createHash('sha256').update('sk-hashed-key').digest('hex') }),
    ],
  }

  test.each(['/v1/models', '/v1/models/big', '/v1/nothing', '/metrics', '/nothing'])(
    'guard %s',
    async (path) => {
      const { app } = testApp({ script, server })
      for (const headers of [
        {},
        { authorization: 'Bearer wrong' },
        { authorization: 'Basic sk-plain-key' },
      ]) {
        const response = await app.request(path, { headers })
        expect(response.status).toBe(401)
        expect(response.headers.get('www-authenticate')).toBe('Bearer')
        expect(errorEnvelopeSchema.parse(await response.json()).error).toMatchObject({
          type: 'invalid_request_error',
          code: 'invalid_api_key',
        })
      }
    },
  )

  test('guard chats before anything of the body is read', async () => {
    const { app, gateway } = testApp({ script, server })
    const [path, init] = chatRequest({})
    expect((await app.request(path, { ...init, body: 'not json' })).status).toBe(401)
    expect(gateway.requests).toEqual([])
  })

  test.each(['sk-plain-key', 'sk-hashed-key'])('let %s in, and pass it on', async (token) => {
    const { app, gateway } = testApp({ script, server })
    const response = await app.request(...chatRequest({}, { authorization: `Bearer ${token}` }))
    expect(response.status).toBe(200)
    expect(gateway.requests[0]?.caller.apiKey).toBe(token)
  })

  test('leave probes and the description of the API open', async () => {
    const { app } = testApp({ script, server })
    for (const path of ['/healthz', '/readyz', '/openapi.json']) {
      expect((await app.request(path)).status).toBe(200)
    }
  })

  test('are not asked for when none is configured', async () => {
    const { app } = testApp({ script })
    expect((await app.request('/v1/models')).status).toBe(200)
  })
})

describe('listening', () => {
  test('wider than this machine needs keys', async () => {
    const { app, server } = testApp({ script })
    for (const host of ['0.0.0.0', '::', '192.168.1.4', 'box.lan']) {
      await expect(listen(app, { server: { ...server, host, port: 0 } })).rejects.toMatchObject({
        code: 'config_invalid',
        param: 'server.keys',
      })
    }
  })

  test('works wider with keys', async () => {
    const { url } = await listening({
      script,
      server: { host: '0.0.0.0', keys: [key({ key: 'sk-plain-key' })] },
    })
    expect((await fetch(`${url}/v1/models`)).status).toBe(401)
  })

  test("on a port that is taken is refused with the setting's name", async () => {
    const { url, app, server } = await listening({ script })
    const port = Number(new URL(url).port)
    await expect(listen(app, { server: { ...server, port } })).rejects.toMatchObject({
      code: 'config_invalid',
      param: 'server.port',
    })
  })

  test.each([
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['[::1]', true],
    ['localhost', true],
    ['::ffff:127.0.0.1', true],
    ['0.0.0.0', false],
    ['::', false],
    ['10.0.0.1', false],
    ['127.0.0.1.evil.example', false],
  ])('on %s is on this machine only: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected)
  })
})

describe('a request that cannot be read', () => {
  const send = (url: string, bytes: string) =>
    new Promise<string>((resolve) => {
      const { port } = new URL(url)
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(bytes))
      let reply = ''
      socket.on('data', (chunk) => {
        reply += chunk
      })
      socket.on('close', () => resolve(reply))
    })

  test.each([
    ['garbage', 'hello\r\n\r\n', 400, 'malformed_request'],
    ['headers without end', `GET / HTTP/1.1\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`, 431, 'headers_too_large'],
    ['a bad Host', 'GET / HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n', 400, 'malformed_request'],
  ])('gets an OpenAI error too: %s', async (_what, bytes, status, code) => {
    const { url } = await listening({ script })
    const reply = await send(url, bytes)
    expect(reply).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(reply.toLowerCase()).toContain('x-request-id: ')
    const body = reply.slice(reply.indexOf('{'), reply.lastIndexOf('}') + 1)
    expect(errorEnvelopeSchema.parse(JSON.parse(body)).error.code).toBe(code)
  })
})

test('a request that does not arrive in time gets an OpenAI error', async () => {
  const socket = new PassThrough()
  refuseUnreadable(Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket)
  const reply = await readText(socket)
  expect(reply).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/)
  expect(reply).toContain('"code":"request_timeout"')
})

describe('over a real connection', () => {
  test('bodies beyond the limit are refused, announced or not', async () => {
    const { url, gateway } = await listening({ script, server: { body_limit_bytes: 2000 } })
    const body = JSON.stringify({ messages: [{ role: 'user', content: 'x'.repeat(5000) }] })
    const announced = await supertest(url)
      .post('/v1/chat/completions')
      .set('content-type', 'application/json')
      .send(body)
    expect([announced.status, announced.body.error.code]).toEqual([413, 'request_too_large'])
    const chunked = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new Blob([body]).stream(),
      duplex: 'half',
    } as RequestInit)
    expect(chunked.status).toBe(413)
    expect(gateway.requests).toEqual([])
  })

  test('a chunked body within the limit is read', async () => {
    const { url } = await listening({ script })
    const [path, init] = chatRequest({})
    const response = await fetch(url + path, {
      ...init,
      body: new Blob([String(init.body)]).stream(),
      duplex: 'half',
    } as RequestInit)
    expect(response.status).toBe(200)
  })

  test('a body without a content type is refused', async () => {
    const { url } = await listening({ script })
    const response = await supertest(url).post('/v1/chat/completions').set('content-type', '').send('{}')
    expect([response.status, response.body.error.code]).toEqual([415, 'unsupported_media_type'])
  })

  test('a complete answer has a length, and a stream is not cached', async () => {
    const { url } = await listening({ script })
    const [path, init] = chatRequest({})
    const complete = await supertest(url)
      .post(path)
      .send(JSON.parse(String(init.body)))
    expect(complete.headers['content-length']).toBe(String(Buffer.byteLength(complete.text)))
    const stream = await supertest(url)
      .post(path)
      .send({ ...JSON.parse(String(init.body)), stream: true })
    expect(stream.headers).toMatchObject({
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
      'x-costeer-steering': 'on',
      'transfer-encoding': 'chunked',
    })
    expect(stream.text).toMatch(/data: \[DONE\]\n\n$/)
  })
})
