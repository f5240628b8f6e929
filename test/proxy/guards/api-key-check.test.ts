import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Config } from '../../../src/config/schema.ts'
import { errorEnvelopeSchema } from '../../../src/proxy/errors/error-schema.ts'
import { end, text } from '../app-under-test/scripted-gateway.ts'
import { chatRequest, testApp } from '../app-under-test/test-app.ts'

const script = { choices: [[text('x'), end(1)]] }

function key(entry: { key?: string; sha256?: string }): Config['server']['keys'][number] {
  return {
    admin: false,
    ...entry,
  }
}

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
