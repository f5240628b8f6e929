import { expect, test } from 'vitest'
import { type ManualTimers, manualTimers } from '../app-under-test/manual-timers.ts'
import { deferred, end, type Step, text, wait } from '../app-under-test/scripted-gateway.ts'
import { chatRequest, testApp } from '../app-under-test/test-app.ts'

const decoder = new TextDecoder()

async function readerOf(steps: readonly Step[], timers: ManualTimers, keepAliveMs = 1000) {
  const { app, gateway } = testApp({
    script: { choices: [steps] },
    timers,
    server: { keep_alive_ms: keepAliveMs },
  })
  const pending = app.request(...chatRequest({ stream: true }))
  return {
    pending,
    gateway,
    async read() {
      const reader = (await pending).body?.getReader()
      return async () => decoder.decode((await reader?.read())?.value)
    },
  }
}

/** Lets everything that is ready run. */
function settle() {
  return new Promise((resolve) => setImmediate(resolve))
}

test('a silent stream gets a comment for each interval of silence', async () => {
  const timers = manualTimers()
  const { promise, resolve } = deferred()
  const { read } = await readerOf([text('a'), wait(promise), end(1)], timers)
  const next = await read()
  expect(await next()).toContain('"content":"a"')

  const first = next()
  await settle()
  timers.advance(999)
  timers.advance(1)
  expect(await first).toBe(': ping\n\n')
  const second = next()
  await settle()
  timers.advance(1000)
  expect(await second).toBe(': ping\n\n')

  const third = next()
  resolve()
  expect(await third).toContain('"finish_reason":"stop"')
})

test('an answer that takes longer than the interval to begin starts its stream with a comment', async () => {
  const timers = manualTimers()
  const { promise, resolve } = deferred()
  const { pending, read } = await readerOf([wait(promise), text('a'), end(1)], timers)
  await settle()
  timers.advance(1000)
  expect((await pending).status).toBe(200)
  const next = await read()
  expect(await next()).toBe(': ping\n\n')
  resolve()
  expect(await next()).toContain('"content":"a"')
})

test('comments do not pile up while the client does not read', async () => {
  const timers = manualTimers()
  const { promise, resolve } = deferred()
  const { read } = await readerOf([text('a'), wait(promise), end(1)], timers)
  const next = await read()
  await next()
  const pingThenText = next()
  await settle()
  timers.advance(10_000)
  resolve()
  expect(await pingThenText).toBe(': ping\n\n')
  expect(await next()).toBe(': ping\n\n')
  expect(await next()).toContain('"finish_reason":"stop"')
})

test('a finished stream leaves no timer behind', async () => {
  const timers = manualTimers()
  const { pending } = await readerOf([text('a'), end(1)], timers)
  await (await pending).text()
  expect(timers.waiting()).toBe(0)
})

test('an interval of 0 sends no comments', async () => {
  const timers = manualTimers()
  const { pending } = await readerOf([text('a'), end(1)], timers, 0)
  timers.advance(100_000)
  expect(await (await pending).text()).not.toContain('ping')
})

test('a client that stops reading lets the models go, and finds out why when it comes back', async () => {
  const timers = manualTimers()
  const { read, gateway } = await readerOf([text('a'), text('b'), text('c'), end(3)], timers)
  const next = await read()
  await next()
  timers.advance(119_999)
  expect(gateway.requests[0]?.signal.aborted).toBe(false)
  timers.advance(1)
  expect(gateway.requests[0]?.signal.aborted).toBe(true)
  expect(await next()).toContain('"code":"request_timeout"')
  expect(await next()).toBe('')
  expect(timers.waiting()).toBe(0)
})
