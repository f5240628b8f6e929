import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../src/gateway-error.ts'
import { type ErrorCode, errorTable } from '../../src/proxy/errors/error-table.ts'
import { end, text } from './app-under-test/scripted-gateway.ts'
import { chatRequest, errorOf, hello, testApp } from './app-under-test/test-app.ts'

const script = { choices: [[text('x'), end(1)]] }
const jsonHeaders = { 'content-type': 'application/json' }

function post(body: string, headers: Record<string, string> = jsonHeaders): [string, RequestInit] {
  return ['/v1/chat/completions', { method: 'POST', headers, body }]
}

const cases: [ErrorCode, [string, RequestInit?]][] = [
  ['unknown_url', ['/v1/embeddings', { method: 'POST', headers: jsonHeaders, body: '{}' }]],
  ['unknown_url', ['/nothing']],
  ['method_not_allowed', ['/v1/chat/completions']],
  ['method_not_allowed', ['/v1/models/big', { method: 'DELETE' }]],
  ['method_not_allowed', ['/healthz', { method: 'POST' }]],
  ['malformed_request', post('{"messages": [secret')],
  ['malformed_request', post('')],
  ['invalid_request', post('[]')],
  ['invalid_request', post('null')],
  ['unsupported_media_type', post('{}', { 'content-type': 'text/plain' })],
  ['unsupported_media_type', post('{}', {})],
  ['request_too_large', post(JSON.stringify({ messages: [{ role: 'user', content: 'x'.repeat(5000) }] }))],
  ['model_not_found', ['/v1/models/nobody']],
  ['host_not_allowed', ['/v1/models', { headers: { host: 'evil.example' } }]],
  ['origin_not_allowed', ['/v1/models', { headers: { origin: 'https://evil.example' } }]],
]

describe('every refusal is an OpenAI error', () => {
  test.each(cases)('%s: %j', async (code, [path, init]) => {
    const { app, gateway } = testApp({ script, server: { body_limit_bytes: 4096 } })
    const response = await app.request(path, init)
    expect(response.status).toBe(errorTable[code].status)
    expect(response.headers.get('content-type')).toMatch('application/json')
    expect(response.headers.get('x-request-id')).toMatch(/./)
    const error = await errorOf(response)
    expect(Object.keys(error)).toEqual(['message', 'type', 'param', 'code'])
    expect(error).toMatchObject({ code, type: errorTable[code].type })
    expect(error.message).not.toMatch(/secret|evil/)
    expect(gateway.requests).toEqual([])
  })

  test.each([
    ['/v1/responses', { input: [{ role: 'robot', content: 'x' }] }, 'input[0].role'],
    ['/v1/responses', { input: [{ role: 'user', content: [{ type: 5 }] }] }, 'input[0].content[0].type'],
    ['/v1/responses', { input: [5] }, 'input[0]'],
    [
      '/v1/chat/completions',
      { messages: [{ role: 'user', content: [{ type: 5 }] }] },
      'messages[0].content[0].type',
    ],
    ['/v1/completions', { prompt: [[1, -2]] }, 'prompt[0][1]'],
    ['/v1/completions', { prompt: [1, 2, -3] }, 'prompt[2]'],
    ['/v1/completions', { prompt: ['a', 5] }, 'prompt[1]'],
    ['/v1/completions', { prompt: [{}] }, 'prompt'],
    ['/v1/completions', { prompt: {} }, 'prompt'],
    ['/v1/chat/completions', { messages: hello, stop: ['a', 5] }, 'stop[1]'],
    ['/v1/chat/completions', { messages: hello, stop: 5 }, 'stop'],
    ['/v1/chat/completions', { messages: [{ content: 'x' }] }, 'messages[0].role'],
    ['/v1/chat/completions', { messages: hello, max_tokens: 'a' }, 'max_tokens'],
  ])('names the field at fault, however deep it lies: %s %j', async (path, body, param) => {
    const { app } = testApp({ script })
    const [, init] = post(JSON.stringify(body))
    const error = await errorOf(await app.request(path, init))
    expect(error.param).toBe(param)
    expect(error.message).toMatch(/^Invalid [^:]+: [a-z][^:]+\.$/)
  })

  test.each([
    ['/v1/chat/completions', { messages: hello }, 'messages', 'messages'],
    ['/v1/responses', { input: 'x' }, 'messages', 'input'],
    ['/v1/completions', { prompt: 'x' }, 'messages', 'prompt'],
    ['/v1/responses', { input: 'x' }, 'x-costeer-profile', 'costeer.profile'],
  ])('names the field by the name that was sent: %s %j %s', async (path, sent, param, named) => {
    const error = new GatewayError('context_length_exceeded', 'Too long.', { param })
    const onPrepare = () => Promise.reject(error)
    const { app } = testApp({ script: { ...script, onPrepare } })
    const [, init] = post(JSON.stringify({ ...sent, costeer: { profile: 'ann' } }))
    const fault = await errorOf(await app.request(path, init))
    expect([fault.param, fault.message]).toEqual([named, 'Too long.'])
  })

  test('a header at fault is named as that', async () => {
    const error = new GatewayError('profile_not_found', 'None.', { param: 'x-costeer-profile' })
    const { app } = testApp({ script: { ...script, onPrepare: () => Promise.reject(error) } })
    const response = await app.request(...chatRequest({}, { 'x-costeer-profile': 'ann' }))
    expect((await errorOf(response)).param).toBe('x-costeer-profile')
  })

  test.each([
    ['/v1/embeddings', { input: 'x' }],
    [
      '/v1/chat/completions',
      { messages: hello, tools: [{ type: 'function', function: { name: 'f' } }], tool_choice: 'required' },
    ],
    ['/v1/responses', { input: 'x', prompt: { id: 'stored' } }],
    ['/v1/completions', { prompt: 'x', suffix: 'y' }],
  ])('what only a server can do says how to reach one: %s', async (path, body) => {
    const { app } = testApp({ script })
    const [, init] = post(JSON.stringify(body))
    const { message } = await errorOf(await app.request(path, init))
    expect(message).toMatch(/name a model .*server.*upstreams in the configuration/i)
  })

  test('a wrong method is told the right ones', async () => {
    const { app } = testApp({ script })
    const response = await app.request('/v1/chat/completions', { method: 'PUT' })
    expect(response.headers.get('allow')).toBe('POST')
  })
})

describe('a failure of the gateway', () => {
  const failing = (error: unknown) =>
    testApp({
      script: {
        ...script,
        onPrepare: () => {
          throw error
        },
      },
    }).app.request(...chatRequest({}))

  test.each([
    ['model_not_found', 404],
    ['profile_not_found', 404],
    ['context_length_exceeded', 400],
    ['invalid_request', 400],
    ['invalid_api_key', 401],
    ['overloaded', 429],
    ['budget_spent', 429],
    ['local_model_failed', 500],
    ['upstream_unreachable', 502],
    ['upstream_refused', 502],
    ['upstream_invalid_reply', 502],
    ['upstream_incapable', 502],
    ['upstream_timeout', 504],
    ['model_unavailable', 503],
    ['shutting_down', 503],
  ] as const)('with code %s has status %i', async (code, status) => {
    const response = await failing(new GatewayError(code, 'What happened.', { param: 'field' }))
    expect(response.status).toBe(status)
    expect(await errorOf(response)).toEqual({
      message: 'What happened.',
      type: errorTable[code].type,
      param: 'field',
      code,
    })
  })

  test('says when to come back', async () => {
    const response = await failing(new GatewayError('overloaded', 'Busy.', { retryAfterSeconds: 1.2 }))
    expect(response.headers.get('retry-after')).toBe('2')
  })

  test('tells clients not to repeat what cannot succeed', async () => {
    const refused = await failing(new GatewayError('upstream_refused', 'The upstream refused the key.'))
    expect(refused.headers.get('x-should-retry')).toBe('false')
    const down = await failing(new GatewayError('upstream_unreachable', 'No connection.'))
    expect(down.headers.get('x-should-retry')).toBe('true')
  })

  test.each([[new Error('secret')], ['secret'], [{ secret: 1 }], [undefined]])(
    'that is a bug (%j) keeps its words to itself',
    async (error) => {
      const response = await failing(error)
      expect(response.status).toBe(500)
      const body = await errorOf(response)
      expect(body).toMatchObject({ code: 'internal_error', type: 'server_error', param: null })
      expect(body.message).not.toContain('secret')
    },
  )
})
