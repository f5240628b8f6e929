import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { HttpEndpoint } from '../../../src/upstream/http/http-endpoint.ts'
import { openPassthrough } from '../../../src/upstream/passthrough/passthrough.ts'
import { listeningServer } from '../listening-server.ts'

/** Longer than the 300 s after which Node's own HTTP client gives a silent server up. */
const LONG_MS = 1_000_000
const timeouts = { connectMs: 5_000, firstByteMs: 2 * LONG_MS, idleMs: 2 * LONG_MS }
const { signal } = new AbortController()

// Once for all tests: the HTTP client keeps one clock for as long as it lives.
beforeAll(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterAll(() => void vi.useRealTimers())

/** A server whose replies begin, go on and end when the test says so. */
async function slowServer() {
  const replies: ServerResponse[] = []
  const server = await listeningServer((response) => void replies.push(response))
  const reply = async (): Promise<ServerResponse> => {
    while (replies[0] === undefined) await new Promise((resolve) => setImmediate(resolve))
    return replies[0]
  }
  return { url: server.url, reply }
}

/** In small steps, as clients look at their clocks. */
async function passTime() {
  for (let ms = 0; ms < LONG_MS; ms += 1_000) await vi.advanceTimersByTimeAsync(1_000)
}

test('a server may think for long before it answers a query', async () => {
  const { url, reply } = await slowServer()
  const endpoint = new HttpEndpoint({ url, timeouts })
  const asking = endpoint.post('/completion', {}, z.object({ ok: z.boolean() }), signal)
  const response = await reply()
  await passTime()
  response.setHeader('content-type', 'application/json')
  response.end('{"ok":true}')
  expect(await asking).toEqual({ ok: true })
  await endpoint.close()
})

test('a server may think for long before and inside a reply that is passed on', async () => {
  const { url, reply } = await slowServer()
  const passthrough = openPassthrough({ url, model: 'up', timeouts })
  const headers = new Headers({ 'content-type': 'application/json' })
  const request = { method: 'POST', path: '/v1/embeddings', headers, model: 'big', streamed: true, signal }
  const asking = passthrough.forward({ ...request, body: new TextEncoder().encode('{"model":"big"}') })
  const response = await reply()
  await passTime()
  response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {"a":1}\n\n')
  const { body } = await asking
  const pieces: string[] = []
  for await (const piece of body ?? []) {
    pieces.push(new TextDecoder().decode(piece))
    if (pieces.length === 1) {
      await passTime()
      response.end('data: [DONE]\n\n')
    }
  }
  expect(pieces.join('')).toBe('data: {"a":1}\n\ndata: [DONE]\n\n')
  await passthrough.close()
})
