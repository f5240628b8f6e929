import { describe, expect, test } from 'vitest'
import { end, text } from '../app-under-test/scripted-gateway.ts'
import { chatRequest, testApp } from '../app-under-test/test-app.ts'

const script = { choices: [[text('x'), end(1)]] }
const PAGE = 'http://localhost:5173'
const EXTENSION = 'app://obsidian.md'
const server = { allowed_origins: [PAGE, `${EXTENSION}/`], keys: [{ key: 'secret-key', admin: true }] }
const AUTHORIZATION = 'Bearer secret-key'

function preflight(origin: string, more: Record<string, string> = {}): RequestInit {
  const asked = 'authorization,content-type,x-stainless-os,x-costeer-profile'
  return {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': asked,
      ...more,
    },
  }
}

function corsHeaders({ headers }: Response) {
  return [...headers].filter(([name]) => name.startsWith('access-control'))
}

describe('a page of an allowed origin', () => {
  test.each([PAGE, EXTENSION, PAGE.toUpperCase()])('may ask first, without a key: %s', async (origin) => {
    const { app } = testApp({ script, server })
    const response = await app.request('/v1/chat/completions', preflight(origin))
    expect(response.status).toBe(204)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-headers': 'authorization,content-type,x-stainless-os,x-costeer-profile',
      'access-control-allow-methods': expect.stringContaining('POST'),
      'access-control-max-age': '600',
    })
    expect(response.headers.get('vary')?.toLowerCase()).toContain('origin')
    expect(response.headers.has('access-control-allow-credentials')).toBe(false)
  })

  test("may ask for a machine of the private network, in Chrome's way", async () => {
    const { app } = testApp({ script, server })
    const asked = { 'access-control-request-private-network': 'true' }
    const response = await app.request('/v1/chat/completions', preflight(PAGE, asked))
    expect(response.headers.get('access-control-allow-private-network')).toBe('true')
  })

  test.each([true, false])('may read answers (stream: %s) and what they say of steering', async (stream) => {
    const { app } = testApp({ script, server })
    const response = await app.request(
      ...chatRequest({ stream }, { origin: PAGE, authorization: AUTHORIZATION }),
    )
    expect(response.status).toBe(200)
    expect(response.headers.get('access-control-allow-origin')).toBe(PAGE)
    expect(response.headers.get('access-control-expose-headers')).toContain('x-costeer-steering')
    expect(await response.text()).toContain('x')
  })

  test.each([
    ['without its key', {}, 401],
    ['that cannot be answered', { authorization: AUTHORIZATION, 'content-type': 'text/plain' }, 415],
  ])('may read the refusal of a request %s', async (_what, headers, status) => {
    const { app } = testApp({ script, server })
    const response = await app.request(...chatRequest({}, { origin: PAGE, ...headers }))
    expect(response.status).toBe(status)
    expect(response.headers.get('access-control-allow-origin')).toBe(PAGE)
  })

  test.each(['/costeer/v1/profiles', '/costeer/v1/settings', '/metrics', '/', '/healthz'])(
    'reaches nothing beside /v1: %s',
    async (path) => {
      const { app } = testApp({ script, server })
      for (const init of [preflight(PAGE), { headers: { origin: PAGE, authorization: AUTHORIZATION } }]) {
        const response = await app.request(path, init)
        expect([response.status, corsHeaders(response)]).toEqual([403, []])
      }
    },
  )
})

describe('a page of any other origin', () => {
  test.each([
    'http://localhost:5174',
    'https://localhost:5173',
    'http://localhost:5173.evil.example',
    'http://evil.example',
    'app://obsidian.md.evil',
    'null',
    '*',
  ])('is refused, and told nothing: %s', async (origin) => {
    const { app } = testApp({ script, server })
    for (const [path, init] of [
      ['/v1/chat/completions', preflight(origin)] as const,
      chatRequest({}, { origin, authorization: AUTHORIZATION }),
    ]) {
      const response = await app.request(path, init)
      expect([response.status, corsHeaders(response)]).toEqual([403, []])
      expect(await response.text()).toContain('server.allowed_origins')
    }
  })
})

test('a client that is no page gets no CORS headers', async () => {
  const { app } = testApp({ script, server })
  expect(corsHeaders(await app.request(...chatRequest({}, { authorization: AUTHORIZATION })))).toEqual([])
})
