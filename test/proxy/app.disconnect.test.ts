import { request as httpRequest } from 'node:http'
import { expect, test } from 'vitest'
import { listening, until } from './app-under-test/listening-app.ts'
import { aborted, end, type Step, text } from './app-under-test/scripted-gateway.ts'
import { chatRequest, testApp } from './app-under-test/test-app.ts'

const hang: Step = { type: 'hang' }

/** A raw request whose connection the test cuts. */
function connect(url: string, body: object) {
  const [path, init] = chatRequest(body)
  const request = httpRequest(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  })
  request.on('error', () => {})
  request.end(String(init.body))
  return request
}

const clientClosed = { code: 'client_closed_request' }

test.each([
  ['a stream, before its first token', { stream: true }, [hang]],
  ['a complete answer, before its first token', { stream: false }, [hang]],
  ['a complete answer, between tokens', { stream: false }, [text('a'), hang]],
  ['several choices', { stream: true, n: 3 }, [hang]],
] as const)('closing the connection stops %s', async (_what, body, steps) => {
  const { url, gateway, logged, registry } = await listening({ script: { choices: [steps] } })
  const request = connect(url, body)
  await until(() => gateway.pulled() >= steps.length)
  request.destroy()
  await until(() => gateway.ended() === ('n' in body ? body.n : 1))
  expect(gateway.requests[0]?.signal.reason).toMatchObject(clientClosed)
  await until(() => logged().includes('"status":499'))
  expect(await registry.metrics()).toMatch(/costeer_requests_total\{[^}]*status="499",steering="on"[^}]*\} 1/)
  expect(await registry.metrics()).toContain('http_server_active_requests 0')
})

test.each([
  ['/v1/completions', { prompt: 'Once' }],
  ['/v1/responses', { input: 'Hello' }],
])('closing the connection stops %s, streamed or not', async (path, body) => {
  for (const stream of [true, false]) {
    const { url, gateway, logged } = await listening({ script: { choices: [[text('a'), hang]] } })
    const controller = new AbortController()
    const asking = fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...body, stream }),
      signal: controller.signal,
    }).then((response) => response.text())
    await until(() => gateway.pulled() === 2)
    controller.abort()
    await expect(asking).rejects.toThrow()
    await until(() => gateway.ended() === 1)
    expect(gateway.requests[0]?.signal.reason).toMatchObject(clientClosed)
    await until(() => logged().includes('"status":499'))
  }
})

test('closing the connection stops a stream between tokens', async () => {
  const { url, gateway, logged } = await listening({ script: { choices: [[text('a'), hang]] } })
  const request = connect(url, { stream: true })
  await new Promise((resolve) => request.on('response', (response) => response.once('data', resolve)))
  await until(() => gateway.pulled() === 2)
  request.destroy()
  await until(() => gateway.ended() === 1)
  expect(gateway.requests[0]?.signal.reason).toMatchObject(clientClosed)
  await until(() => logged().includes('"status":499'))
})

test('a reader that cancels the body stops the stream', async () => {
  const { app, gateway, logged } = testApp({ script: { choices: [[text('a'), hang]] } })
  const reader = (await app.request(...chatRequest({ stream: true }))).body?.getReader()
  await reader?.read()
  await reader?.cancel()
  await until(() => gateway.ended() === 1)
  expect(gateway.requests[0]?.signal.reason).toMatchObject(clientClosed)
  expect(logged()).toContain('"status":499')
})

test('a reader that cancels before it reads stops the stream too', async () => {
  const { app, gateway, logged } = testApp({ script: { choices: [[text('a'), hang]] } })
  await (await app.request(...chatRequest({ stream: true }))).body?.cancel()
  await until(() => gateway.requests[0]?.signal.aborted === true)
  expect(logged()).toContain('"status":499')
})

test('closing the connection stops the preparation of an answer', async () => {
  let stopped = false
  const { url, gateway } = await listening({
    script: {
      choices: [[end(0)]],
      onPrepare: ({ signal }) =>
        aborted(signal).finally(() => {
          stopped = true
        }),
    },
  })
  const request = connect(url, { stream: true })
  await until(() => gateway.requests.length === 1)
  request.destroy()
  await until(() => stopped)
})

test('a client that does not read holds the decoding back', async () => {
  const words = Array.from({ length: 4000 }, () => text('x'.repeat(4096)))
  const { url, gateway } = await listening({ script: { choices: [[...words, end(4000)]] } })
  const request = connect(url, { stream: true })
  const response = await new Promise<NodeJS.ReadableStream>((resolve) => request.on('response', resolve))
  response.pause()
  let seen = gateway.pulled()
  let quietTurns = 0
  await until(() => {
    quietTurns = gateway.pulled() === seen ? quietTurns + 1 : 0
    seen = gateway.pulled()
    return quietTurns === 500
  })
  expect(gateway.pulled()).toBeLessThan(3000)
  response.resume()
  await new Promise((resolve) => response.on('end', resolve))
  expect(gateway.pulled()).toBe(4001)
})

test('a client that goes away while the answer is prepared is counted as 499', async () => {
  const controller = new AbortController()
  const { app, registry } = testApp({
    script: {
      choices: [],
      onPrepare: ({ signal }) => {
        queueMicrotask(() => controller.abort())
        return aborted(signal)
      },
    },
  })
  const [path, init] = chatRequest({})
  const response = await app.request(path, { ...init, signal: controller.signal })
  expect(response.status).toBe(499)
  expect(await registry.metrics()).toContain(
    'status="499",steering="none",error_type="client_closed_request"',
  )
})
