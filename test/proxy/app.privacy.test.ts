import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../src/gateway-error.ts'
import type { LogLevel } from '../../src/proxy/logger.ts'
import { end, type Script, text } from './app-under-test/scripted-gateway.ts'
import { chatRequest, testApp } from './app-under-test/test-app.ts'

const MARKER = 'xyzzy-plugh'

const failure = new GatewayError('local_model_failed', 'The local model failed.', {
  cause: new Error(`could not read "${MARKER}"`),
})

const scripts: [string, Script][] = [
  ['succeeds', { choices: [[text(MARKER), end(1)]] }],
  ['is refused', { choices: [[text(MARKER), end(1)]], models: [] }],
  ['fails early', { choices: [[{ type: 'fail', error: failure }]] }],
  ['fails late', { choices: [[text(MARKER), { type: 'fail', error: failure }]] }],
  ['meets a bug', { choices: [[text(MARKER), { type: 'fail', error: new SyntaxError(MARKER) }]] }],
  ['meets a bug that is no error', { choices: [[{ type: 'fail', error: MARKER }]] }],
]

const bodies: [string, object][] = [
  ['a marked conversation', {}],
  ['a marked field', { [MARKER]: MARKER }],
  ['a marked model', { model: MARKER }],
  ['a marked user and profile', { user: MARKER, costeer: { profile: MARKER } }],
  ['a marked role', { messages: [{ role: MARKER, content: MARKER }] }],
  ['a marked number', { temperature: MARKER }],
]

describe.each(scripts)('when a request %s', (_what, script) => {
  test.each(bodies)('nothing of %s reaches log or metrics', async (_body, body) => {
    const { app, logged, registry } = testApp({ script })
    for (const stream of [false, true]) {
      const [path, init] = chatRequest(
        { stream, messages: [{ role: 'user', content: MARKER }], stop: MARKER, ...body },
        { 'x-costeer-profile': MARKER, authorization: `Bearer ${MARKER}`, 'user-agent': MARKER },
      )
      await (await app.request(`${path}?q=${MARKER}`, init)).text()
    }
    await app.request(`/${MARKER}`)
    await app.request('/v1/chat/completions', { ...chatRequest({})[1], body: `{"messages": ${MARKER}` })
    expect(logged()).toContain('"route":"/v1/chat/completions"')
    expect(logged()).not.toContain(MARKER)
    expect(await registry.metrics()).not.toContain(MARKER)
  })
})

/** How many lines each level writes for the requests below. */
const levels: readonly (readonly [LogLevel, number])[] = [
  ['silent', 0],
  ['error', 6],
  ['warn', 6],
  ['info', 9],
  ['debug', 10],
]

test.each(levels)('nothing of any endpoint reaches the log at the level %s', async (logLevel, count) => {
  const script: Script = { choices: [[text(MARKER), { type: 'fail', error: failure }]] }
  const { app, logged } = testApp({ script, logLevel })
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${MARKER}` }
  const post = async (path: string, body: object) =>
    (
      await app.request(path, { method: 'POST', headers, body: JSON.stringify({ user: MARKER, ...body }) })
    ).text()
  for (const stream of [false, true]) {
    await post('/v1/completions', { prompt: MARKER, stream })
    await post('/v1/responses', { input: MARKER, instructions: MARKER, stream })
  }
  await post('/v1/embeddings', { input: MARKER })
  await app.request('/healthz', { headers: { 'user-agent': MARKER } })
  expect(logged()).not.toContain(MARKER)
  expect(logged().split('\n').filter(Boolean)).toHaveLength(count)
})

test('no failure quotes the conversation back', async () => {
  for (const [, script] of scripts.slice(2)) {
    const { app } = testApp({ script })
    const [path, init] = chatRequest({ messages: [{ role: 'user', content: MARKER }] })
    expect(await (await app.request(path, init)).text()).not.toContain(MARKER)
  }
  const { app } = testApp({ script: scripts[0]?.[1] ?? { choices: [] } })
  for (const body of [{ stop: [MARKER, 1] }, { temperature: MARKER }, { messages: [{ role: MARKER }] }]) {
    const response = await app.request(...chatRequest(body))
    expect(response.status).toBe(400)
    expect(await response.text()).not.toContain(MARKER)
  }
})

test('a failure is logged with its code and frames', async () => {
  const { app, logged } = testApp({ script: { choices: [[{ type: 'fail', error: failure }]] } })
  const response = await app.request(...chatRequest({}))
  const entry = logged()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .find(({ msg }) => msg === 'request failed')
  expect(entry).toMatchObject({
    level: 'error',
    requestId: response.headers.get('x-request-id'),
    error: { name: 'GatewayError', code: 'local_model_failed', cause: { name: 'Error' } },
  })
  expect(entry.error.cause.frames[0]).toMatch(/privacy\.test\.ts/)
})
