import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { GatewayError } from '../../../src/gateway-error.ts'
import { HttpEndpoint } from '../../../src/upstream/http/http-endpoint.ts'
import { openPassthrough } from '../../../src/upstream/passthrough/passthrough.ts'
import { listeningServer } from './listening-server.ts'

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

describe('a server that reads a long prompt behind its headers', () => {
  const patient = { connectMs: 5_000, firstByteMs: 3 * LONG_MS, idleMs: 30_000 }
  const role = { choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] }
  const content = { choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: null }] }

  /** Both ways to a server: what steering asks, and what is passed on. */
  const ways = {
    async *steered(url: string) {
      const endpoint = new HttpEndpoint({ url, timeouts: patient })
      for await (const event of endpoint.events('/v1/completions', {}, z.unknown(), signal))
        yield JSON.stringify(event)
    },
    async *'passed on'(url: string) {
      const passthrough = openPassthrough({ url, model: 'up', timeouts: patient })
      const { body } = await passthrough.forward({
        method: 'POST',
        path: '/v1/chat/completions',
        headers: new Headers({ 'content-type': 'application/json' }),
        body: new TextEncoder().encode('{}'),
        model: null,
        streamed: true,
        signal,
      })
      for await (const piece of body ?? []) yield new TextDecoder().decode(piece)
    },
  }

  async function asked(way: keyof typeof ways) {
    const { url, reply } = await slowServer()
    const pieces: string[] = []
    const read = async () => {
      for await (const piece of ways[way](url)) pieces.push(piece)
    }
    const outcome = read().then(
      () => 'done',
      (error: unknown) => (error instanceof GatewayError ? error.code : 'bug'),
    )
    const response = await reply()
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
    return { response, pieces, outcome }
  }

  const seen = async (pieces: readonly string[], text: string) => {
    while (!pieces.join('').includes(text)) await new Promise((resolve) => setImmediate(resolve))
  }

  test.each(['steered', 'passed on'] as const)(
    'may be silent for longer than inside its reply: %s',
    async (way) => {
      const { response, pieces, outcome } = await asked(way)
      await passTime()
      response.write(`: reading\n\ndata: ${JSON.stringify(role)}\n\n`)
      await seen(pieces, 'assistant')
      await passTime()
      response.end(`data: ${JSON.stringify(content)}\n\ndata: [DONE]\n\n`)
      expect(await outcome).toBe('done')
      expect(pieces.join('')).toContain('Hi')
    },
  )

  test.each(['steered', 'passed on'] as const)(
    'is overdue by silence once it has answered: %s',
    async (way) => {
      const { response, pieces, outcome } = await asked(way)
      response.write(`data: ${JSON.stringify(content)}\n\n`)
      await seen(pieces, 'Hi')
      await vi.advanceTimersByTimeAsync(31_000)
      expect(await outcome).toBe('upstream_timeout')
    },
  )

  test.each(['steered', 'passed on'] as const)('does not win time for ever by comments: %s', async (way) => {
    const { response, pieces, outcome } = await asked(way)
    await passTime()
    response.write(`: reading\n\ndata: ${JSON.stringify(role)}\n\n`)
    await seen(pieces, 'assistant')
    await passTime()
    await passTime()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await outcome).toBe('upstream_timeout')
  })

  test('may send blanks ahead of a reply in one piece', async () => {
    const { url, reply } = await slowServer()
    const endpoint = new HttpEndpoint({ url, timeouts: patient })
    const asking = endpoint.post('/completion', {}, z.object({ ok: z.boolean() }), signal)
    const response = await reply()
    response.writeHead(200, { 'content-type': 'application/json' }).write('\n ')
    await passTime()
    response.end('{"ok":true}')
    expect(await asking).toEqual({ ok: true })
    await endpoint.close()
  })
})
