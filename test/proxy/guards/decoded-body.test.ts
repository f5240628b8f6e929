import { request as httpRequest } from 'node:http'
import zlib from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { listening } from '../app-under-test/listening-app.ts'
import { end, text } from '../app-under-test/scripted-gateway.ts'
import { chatRequest, errorOf, hello, testApp } from '../app-under-test/test-app.ts'
import { appBeforeServer, echo, tools } from '../passthrough/app-before-server.ts'

const script = { choices: [[text('x'), end(1)]] }
const LIMIT = 4096

/** A POST of bytes, for `app.request`. */
function post(body: Uint8Array, headers: Record<string, string>, path = '/v1/chat/completions') {
  const all = { 'content-type': 'application/json', ...headers }
  const init: RequestInit = { method: 'POST', headers: all, body: new Uint8Array(body) }
  return [path, init] as const
}

const json = Buffer.from(JSON.stringify({ messages: [{ role: 'user', content: 'Grüße' }] }))

const packers = {
  gzip: zlib.gzipSync,
  'x-gzip': zlib.gzipSync,
  GZIP: zlib.gzipSync,
  deflate: zlib.deflateSync,
  br: zlib.brotliCompressSync,
  identity: (bytes: Buffer) => bytes,
  'gzip, br': (bytes: Buffer) => zlib.brotliCompressSync(zlib.gzipSync(bytes)),
}

describe('a packed body', () => {
  test.each(Object.entries(packers))('is unpacked: %s', async (coding, pack) => {
    const { app, gateway } = testApp({ script })
    const { status } = await app.request(...post(pack(json), { 'content-encoding': coding }))
    expect(status).toBe(200)
    expect(gateway.requests[0]?.prompt).toMatchObject({ messages: [{ content: 'Grüße' }] })
  })

  test('may be deflated without a header', async () => {
    const { app } = testApp({ script })
    const { status } = await app.request(
      ...post(zlib.deflateRawSync(json), { 'content-encoding': 'deflate' }),
    )
    expect(status).toBe(200)
  })

  test('comes through a real connection, announced or chunked', async () => {
    const { url, gateway } = await listening({ script })
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
    for (const announced of [true, false]) {
      const status = await new Promise((resolve, reject) => {
        const packed = zlib.gzipSync(json)
        const length = announced ? { 'content-length': packed.length } : {}
        const sent = httpRequest(
          `${url}/v1/chat/completions`,
          { method: 'POST', headers: { ...headers, ...length } },
          (reply) => reply.resume().on('end', () => resolve(reply.statusCode)),
        ).on('error', reject)
        sent.write(packed.subarray(0, 5))
        sent.end(packed.subarray(5))
      })
      expect(status).toBe(200)
    }
    expect(gateway.requests).toHaveLength(2)
  })

  test.each(['gzip', 'deflate', 'br', 'gzip, gzip'] as const)(
    'is refused where it grows beyond the limit: %s',
    async (coding) => {
      const { app, gateway } = testApp({ script, server: { body_limit_bytes: LIMIT } })
      const bomb = Buffer.alloc(LIMIT * 100, ' ')
      const packed = coding === 'gzip, gzip' ? zlib.gzipSync(zlib.gzipSync(bomb)) : packers[coding](bomb)
      expect(packed.length).toBeLessThan(LIMIT)
      const response = await app.request(...post(packed, { 'content-encoding': coding }))
      expect([response.status, (await errorOf(response)).code]).toEqual([413, 'request_too_large'])
      expect(gateway.requests).toEqual([])
    },
  )

  test.each([
    ['br', json],
    ['gzip', json],
    ['deflate', json],
    ['gzip', zlib.gzipSync(json).subarray(0, -9)],
    ['br', zlib.gzipSync(json)],
  ])('is refused where it is not what it says: %s', async (coding, body) => {
    const { app } = testApp({ script })
    const response = await app.request(...post(body, { 'content-encoding': coding }))
    expect(response.status).toBe(400)
    const { code, message } = await errorOf(response)
    expect(code).toBe('malformed_request')
    expect(message).toContain('content-encoding')
  })

  test.each(['compress', 'aes128gcm', 'gzip, x', 'gzip, gzip, gzip', 'constructor'])(
    'is refused in a coding that is not known, or in too many: %s',
    async (coding) => {
      const { app } = testApp({ script })
      const response = await app.request(...post(json, { 'content-encoding': coding }))
      const { code, message } = await errorOf(response)
      expect([response.status, code]).toEqual([415, 'unsupported_media_type'])
      expect(message).toContain('content-encoding')
    },
  )

  test.each(['/v1/chat/completions', '/v1/embeddings'])('is passed on unpacked to %s', async (path) => {
    const { app, behind } = await appBeforeServer(echo)
    const sent = Buffer.from(JSON.stringify({ model: 'up', tools, messages: hello }))
    const body = zlib.gzipSync(sent.toString().replace('up', 'big'))
    const response = await app.request(...post(body, { 'content-encoding': 'gzip' }, path))
    expect(response.headers.get('x-costeer-steering')).toMatch(/^bypassed/)
    expect(behind.arrived[0]?.headers).not.toHaveProperty('content-encoding')
    expect(behind.arrived[0]?.body).toEqual(sent)
  })
})

describe('JSON that is not UTF-8', () => {
  const latin1 = Buffer.from(json.toString(), 'latin1')

  test.each([
    '/v1/chat/completions',
    '/v1/completions',
    '/v1/responses',
    '/v1/embeddings',
    '/costeer/v1/profiles',
  ])('is refused at %s', async (path) => {
    const { app, behind, gateway } = await appBeforeServer(echo)
    const response = await app.request(...post(latin1, {}, path))
    const { code, message } = await errorOf(response)
    expect([response.status, code]).toEqual([400, 'malformed_request'])
    expect(message).toContain('UTF-8')
    expect([gateway.requests, behind.arrived]).toEqual([[], []])
  })

  test.each([
    ['iso-8859-1', latin1],
    ['"windows-1252"', latin1],
    ['utf-16', Buffer.from(json.toString(), 'utf16le')],
    ['UTF-8', json],
    ['utf8', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), json])],
  ])('is read by the charset that it names: %s', async (charset, body) => {
    const { app, gateway } = testApp({ script })
    const headers = { 'content-type': `application/json; charset=${charset}` }
    expect((await app.request(...post(body, headers))).status).toBe(200)
    expect(gateway.requests[0]?.prompt).toMatchObject({ messages: [{ content: 'Grüße' }] })
  })

  test.each(['utf-16', 'utf-8'])('is passed on as UTF-8, without what is ours: %s', async (charset) => {
    const { app, behind } = await appBeforeServer(echo)
    const body = '\ufeff{"model":"big","tools":[{}],"costeer":{"profile":"ann"},"x":"Grüße"}'
    const bytes = charset === 'utf-16' ? Buffer.from(body, 'utf16le') : Buffer.from(body)
    await app.request(...post(bytes, { 'content-type': `application/json; charset=${charset}` }))
    const arrived = String(behind.arrived[0]?.body).replace('\ufeff', '')
    expect(arrived).toBe('{"model":"up","tools":[{}],"x":"Grüße"}')
  })

  test.each([
    ['klingon', json, 415],
    ['utf-16', json.subarray(1), 400],
    ['utf-8', latin1, 400],
  ])('is refused where the charset is unknown or another: %s', async (charset, body, status) => {
    const { app } = testApp({ script })
    const headers = { 'content-type': `application/json; charset=${charset}` }
    expect((await app.request(...post(body, headers))).status).toBe(status)
  })
})

test('a request without a body may name a coding', async () => {
  const { app } = testApp({ script })
  const headers = { 'content-encoding': 'gzip' }
  expect((await app.request('/v1/models', { headers })).status).toBe(200)
  expect((await app.request(...chatRequest({}))).status).toBe(200)
})
