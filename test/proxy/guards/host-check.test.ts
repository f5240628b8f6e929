import { describe, expect, test } from 'vitest'
import type { Config } from '../../../src/config/schema.ts'
import { end, text } from '../app-under-test/scripted-gateway.ts'
import { chatRequest, testApp } from '../app-under-test/test-app.ts'

const script = { choices: [[text('x'), end(1)]] }

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
