import { describe, expect, test } from 'vitest'
import { errorTable } from '../../../../src/proxy/errors/error-table.ts'
import { end, text } from '../../app-under-test/scripted-gateway.ts'
import { testApp } from '../../app-under-test/test-app.ts'
import { appBeforeServer, echo } from '../../passthrough/app-before-server.ts'

const messages = [{ role: 'user', content: 'Hello' }]
const script = { choices: [[text('x'), end(1)]] }

function post(path: string, body: object, headers: Record<string, string> = {}): [string, RequestInit] {
  const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } }
  return [path, { ...init, body: JSON.stringify(body) }]
}

describe("a request in Ollama's form", () => {
  test('is streamed as lines unless it says no, and names what had no effect', async () => {
    const { app } = testApp({ script })
    const options = { num_ctx: 8192, repeat_penalty: 1.1, temperature: 0 }
    const response = await app.request(...post('/api/chat', { messages, options, keep_alive: '5m' }))
    expect(response.headers.get('content-type')).toBe('application/x-ndjson')
    expect(response.headers.get('x-costeer-steering')).toBe('on')
    expect(response.headers.get('x-costeer-ignored')).toBe(
      'keep_alive, options.num_ctx, options.repeat_penalty',
    )
    const lines = (await response.text()).trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).done)).toEqual([false, true])
    const whole = await app.request(...post('/api/generate', { prompt: 'Hi', stream: false }))
    expect(await whole.json()).toMatchObject({ response: 'x', done: true })
  })

  test('has a profile like any other', async () => {
    const { app, gateway } = testApp({ script })
    const costeer = { strength: 0.5, seed: 3 }
    await app.request(...post('/api/chat', { messages, costeer }, { 'x-costeer-profile': 'ann' }))
    expect(gateway.requests[0]).toMatchObject({
      caller: { profile: 'ann' },
      overrides: { strength: 0.5 },
      sampling: { seed: 3 },
    })
  })

  test.each([
    [-1, undefined],
    [-2, undefined],
    [5, 5],
  ])('with num_predict: %i has the limit %s', async (num_predict, maxTokens) => {
    const { app, gateway } = testApp({ script })
    await app.request(...post('/api/chat', { messages, options: { num_predict } }))
    expect(gateway.requests[0]?.maxTokens).toBe(maxTokens)
  })

  test('may have its trace as lines beside', async () => {
    const request = { method: 'POST', path: '/completion', body: '{}' }
    const { app } = testApp({ script: { choices: [[{ type: 'upstream-sent', atMs: 0, request }, end(1)]] } })
    const response = await app.request(...post('/api/chat', { messages }, { 'x-costeer-trace': '1' }))
    const [first = ''] = (await response.text()).split('\n')
    expect(JSON.parse(first)).toMatchObject({
      message: { content: '' },
      costeer: { type: 'upstream-request' },
    })
  })

  test.each([
    ['/api/chat', 'format', { messages, format: 'json' }],
    ['/api/chat', 'messages[0].images', { messages: [{ ...messages[0], images: ['aGk='] }] }],
    ['/api/generate', 'suffix', { prompt: 'a', suffix: 'b' }],
    ['/api/generate', 'prompt', { prompt: '' }],
    ['/api/chat', 'messages[0].content', { messages: [{ role: 'user' }] }],
    ['/api/chat', 'options.num_predict', { messages, options: { num_predict: 0 } }],
  ])('at %s is refused by name for %s, before a server too', async (path, param, body) => {
    const { app, gateway, behind } = await appBeforeServer(echo, true, true)
    const response = await app.request(...post(path, body))
    expect([response.status, gateway.requests, behind.arrived]).toEqual([400, [], []])
    expect(await response.json()).toMatchObject({ error: expect.stringMatching(/./), param })
  })
})

test("failures are told in Ollama's form, keys and shutdown included", async () => {
  const keys = [{ key: 'sk-plain', admin: false }]
  const { app } = testApp({ script, server: { keys } })
  for (const path of ['/api/chat', '/api/tags', '/api/nothing']) {
    const response = await app.request(path)
    expect(response.status).toBe(errorTable.invalid_api_key.status)
    expect(await response.json()).toMatchObject({ error: expect.stringContaining('API key') })
  }
  const server = { shutdown: new AbortController().signal, draining: true }
  const bearer = { authorization: 'Bearer sk-plain' }
  const draining = await app.request(...post('/api/chat', { messages }, bearer), { server })
  expect(draining.status).toBe(errorTable.shutting_down.status)
})
