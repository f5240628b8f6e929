import { connect } from 'node:net'
import { PassThrough } from 'node:stream'
import { text as readText } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { errorEnvelopeSchema } from '../../../src/proxy/errors/error-schema.ts'
import { refuseUnreadable } from '../../../src/proxy/request/unreadable-request.ts'
import { listening } from '../app-under-test/listening-app.ts'
import { end, text } from '../app-under-test/scripted-gateway.ts'

const script = { choices: [[text('x'), end(1)]] }

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
    [
      'an unknown expectation',
      'POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nexpect: 200-ok\r\ncontent-length: 5\r\n\r\n',
      417,
      'expectation_failed',
    ],
    [
      'an expectation of several',
      'GET /v1/models HTTP/1.1\r\nhost: localhost\r\nexpect: x=1, 200-ok\r\n\r\n',
      417,
      'expectation_failed',
    ],
    ['no Host', 'GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n', 400, 'malformed_request'],
    ['an empty Host', 'GET / HTTP/1.1\r\nhost:\r\nconnection: close\r\n\r\n', 400, 'malformed_request'],
    ['a bad Host', 'GET / HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n', 400, 'malformed_request'],
  ])('gets an OpenAI error too: %s', async (_what, bytes, status, code) => {
    const { url } = await listening({ script })
    const reply = await send(url, bytes)
    expect(reply).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(reply.toLowerCase()).toContain('x-request-id: ')
    const body = reply.slice(reply.indexOf('{'), reply.lastIndexOf('}') + 1)
    expect(errorEnvelopeSchema.parse(JSON.parse(body)).error.code).toBe(code)
  })

  test.each(['GET /healthz', 'HEAD /readyz', 'GET /v1/models'])(
    'is none of HTTP/1.0, which needs no Host: %s',
    async (start) => {
      const { url } = await listening({ script })
      expect(await send(url, `${start} HTTP/1.0\r\n\r\n`)).toMatch(/^HTTP\/1.1 200 OK/)
      expect(await send(url, `${start} HTTP/1.0\r\nhost: 127.0.0.1\r\n\r\n`)).toMatch(/^HTTP\/1.1 200 OK/)
      if (start.endsWith('models')) {
        expect(await send(url, `${start} HTTP/1.0\r\nhost: evil.example\r\n\r\n`)).toMatch(/^HTTP\/1.1 403 /)
      }
    },
  )

  test.each(['100-continue', '100-Continue', '100-continue, x=1'])(
    'is none with an expectation that is met: %s',
    async (expectation) => {
      const { url } = await listening({ script })
      const head = `GET /v1/models HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nexpect: ${expectation}`
      expect(await send(url, `${head}\r\n\r\n`)).toMatch(/^HTTP\/1.1 (100 Continue\r\n\r\nHTTP\/1.1 )?200 OK/)
    },
  )
})

test('a request that does not arrive in time gets an OpenAI error', async () => {
  const socket = new PassThrough()
  refuseUnreadable(Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket)
  const reply = await readText(socket)
  expect(reply).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/)
  expect(reply).toContain('"code":"request_timeout"')
})
