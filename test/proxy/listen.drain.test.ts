import { Agent, get } from 'node:http'
import { expect, test } from 'vitest'
import { listening, until } from './app-under-test/listening-app.ts'
import { manualTimers } from './app-under-test/manual-timers.ts'
import { deferred, end, text, wait } from './app-under-test/scripted-gateway.ts'
import { chatRequest, errorOf } from './app-under-test/test-app.ts'
import { streamOf } from './sse/sse-reading.ts'

function ask(url: string, body: object) {
  const [path, init] = chatRequest(body)
  return fetch(url + path, init)
}

test('closing lets running answers end', async () => {
  const { promise, resolve } = deferred()
  const { url, close, gateway } = await listening({
    script: { choices: [[text('a'), wait(promise), text('b'), end(2)]] },
    server: { drain_ms: 3_600_000 },
  })
  const stream = await ask(url, { stream: true })
  const complete = ask(url, {})
  await until(() => gateway.requests.length === 2)
  const closed = close()
  resolve()
  expect((await streamOf(stream)).done).toBe(true)
  expect((await complete).status).toBe(200)
  await closed
})

test('closing ends answers that outlive the deadline with an error', async () => {
  const timers = manualTimers()
  const { url, close, gateway } = await listening({
    script: { choices: [[text('a'), { type: 'deaf' }]] },
    server: { drain_ms: 1000 },
    timers,
  })
  const stream = await ask(url, { stream: true })
  const complete = ask(url, {})
  await until(() => gateway.requests.length === 2)
  const closed = close()
  timers.advance(999)
  expect(gateway.requests.every(({ signal }) => !signal.aborted)).toBe(true)
  timers.advance(1)
  const { done, events } = await streamOf(stream)
  expect(done).toBe(false)
  expect(events.at(-1)).toMatchObject({ error: { code: 'shutting_down', type: 'server_error' } })
  const response = await complete
  expect(response.status).toBe(503)
  expect((await errorOf(response)).code).toBe('shutting_down')
  await closed
})

test('a request on a connection that outlives the close is told to come back', async () => {
  const { promise, resolve } = deferred()
  const { app, gateway } = await listening({ script: { choices: [[wait(promise), end(1)]] } })
  const server = { shutdown: new AbortController().signal, draining: true }
  const [path, init] = chatRequest({})
  const refused = await app.request(path, init, { server })
  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).toBe('5')
  expect((await errorOf(refused)).code).toBe('shutting_down')
  expect((await app.request('/readyz', {}, { server })).status).toBe(503)
  expect(gateway.requests).toEqual([])
  resolve()
})

test('closing does not wait for idle connections', async () => {
  const { url, close } = await listening({
    script: { choices: [[end(0)]] },
    server: { drain_ms: 3_600_000 },
  })
  const agent = new Agent({ keepAlive: true })
  await new Promise<void>((resolve) => {
    get(`${url}/healthz`, { agent }, (response) => response.resume().on('end', resolve))
  })
  await close()
  agent.destroy()
})

test('closing twice is closing once', async () => {
  const { close } = await listening({ script: { choices: [[end(0)]] } })
  await Promise.all([close(), close()])
})
