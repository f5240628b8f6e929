import type { IncomingMessage } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type ManualTimers, manualTimers } from '../../proxy/app-under-test/manual-timers.ts'
import { type AssembledGateway, assembledGateway } from './assembled-gateway.ts'
import { type Asked, ask, type Seen, seen, send } from './client.ts'
import { type FaultyUpstream, faultyUpstream } from './faulty-upstream.ts'
import { type TinyHome, tinyHome } from './tiny-home.ts'
import { llamaCppProtocol } from './upstream-protocols.ts'
import { wordModel } from './word-model.ts'

let home: TinyHome
let upstream: FaultyUpstream
let gateway: AssembledGateway
let timers: ManualTimers
let whole: Seen

beforeAll(async () => {
  home = await tinyHome()
  const { environment } = home
  upstream = await faultyUpstream(llamaCppProtocol(await wordModel('tiny', environment)))
  timers = manualTimers()
  gateway = await assembledGateway(
    `local: { model: tiny }
upstreams: { words: { kind: llama-cpp, url: "${upstream.url}", candidates: 20 } }
models: { catch_all: words }
steering: { strength: 1 }
`,
    { environment, timers, upstreams: [upstream] },
  )
  whole = await ask(gateway.url, asked)
})
afterEach(async () => {
  await upstream.heal()
  await gateway.settled()
  expect(await ask(gateway.url, asked)).toMatchObject({ status: 200, text: whole.text })
  await gateway.settled()
})
afterAll(async () => {
  await gateway.close()
  await upstream.close()
  await home.remove()
})

/** What a client that does not read is given. */
const STALL_MS = 120_000

const asked = { model: 'words', max_tokens: 5, temperature: 0 }
const modes = [
  ['lookahead', {}],
  ['token by token', { costeer: { lookahead: 'off' } }],
  ['unsteered', { costeer: { profile: 'none', seed: 1 } }],
  ['passed on', { tools: [{}] }],
] as const

/** A stall may be that of a query from before. */
function arrived(requests = 1) {
  return vi.waitFor(async () => expect(await gateway.metric('http_server_active_requests')).toBe(requests))
}
function closedEarly() {
  return gateway.logged().match(/"status":499/g)?.length ?? 0
}

async function firstByte(sent: Asked): Promise<IncomingMessage> {
  const response = await sent.response
  await new Promise((resolve) => response.once('readable', resolve))
  return response
}

describe('a client that goes away', () => {
  test.each(modes)('before the first token stops the work: %s', async (_mode, how) => {
    for (const stream of [false, true]) {
      upstream.begin({ type: 'stall' })
      const stalled = upstream.stalled()
      const sent = send(gateway.url, { ...asked, ...how, stream })
      await stalled
      await arrived()
      const before = closedEarly()
      sent.leave()
      await gateway.settled()
      expect(closedEarly()).toBe(before + 1)
      await upstream.heal()
    }
  })

  test.each(modes)('between tokens stops the work: %s', async (mode, how) => {
    const promptTokens = mode === 'passed on' ? 0 : (whole.promptTokens ?? 0)
    upstream.begin({ type: 'stall' }, { promptTokens, afterTokens: 2 })
    const stalled = upstream.stalled()
    const sent = send(gateway.url, { ...asked, ...how, stream: true })
    const response = await firstByte(sent)
    await stalled
    response.on('error', () => {})
    sent.leave()
    await gateway.settled()
  })

  test('while the local model computes its prompts stops that too', async () => {
    const messages = [{ role: 'user', content: 'All of it, once more. '.repeat(300) }]
    const before = upstream.asked()
    const sent = send(gateway.url, { ...asked, messages, stream: true })
    await vi.waitFor(() => expect(upstream.asked()).toBeGreaterThan(before), { interval: 1 })
    sent.leave()
    await gateway.settled()
  })

  test('all at once leaves nothing behind', async () => {
    upstream.begin({ type: 'stall' }, { promptTokens: whole.promptTokens ?? 0, afterTokens: 1 })
    const many = Array.from({ length: 12 }, (_, i) =>
      send(gateway.url, { ...asked, ...modes[i % 3]?.[1], stream: i % 2 === 0 }),
    )
    await arrived(many.length)
    for (const sent of many) sent.leave()
    await gateway.settled()
  })
})

describe('a client that reads slowly', () => {
  test.each(modes.slice(0, 3))('gets the same answer: %s', async (_mode, how) => {
    const more = { ...asked, ...how, max_tokens: 40 }
    const { text } = await ask(gateway.url, more)
    const response = await send(gateway.url, { ...more, stream: true }).response
    expect(await seen(response, { readBytes: 50 })).toMatchObject({ text, done: true })
  })

  /** More than the sockets on the way hold. */
  const large = { ...asked, tools: [{}], max_tokens: 2_000, stream: true, logprobs: true }

  test('holds the upstream back, and gets all of it in the end', async () => {
    const before = upstream.sentBytes()
    const response = await send(gateway.url, large).response
    response.pause()
    const held = (await standstill(() => upstream.sentBytes())) - before
    expect((await seen(response)).done).toBe(true)
    expect(held).toBeLessThan(0.8 * (upstream.sentBytes() - before))
  })

  test('and stops for two minutes is let go', async () => {
    const sent = send(gateway.url, large)
    const response = await sent.response
    response.on('error', () => {})
    response.pause()
    await standstill(() => upstream.sentBytes())
    expect(upstream.openReplies()).toBe(1)
    timers.advance(STALL_MS)
    await vi.waitFor(() => expect(upstream.openReplies()).toBe(0))
    sent.leave()
  })
})

/** Waits until a growing count stands still for a while of event loop turns; resolves with it. */
async function standstill(count: () => number): Promise<number> {
  let last = -1
  for (let quiet = 0; quiet < 400; ) {
    await new Promise(setImmediate)
    quiet = count() === last && last > 0 ? quiet + 1 : 0
    last = count()
  }
  return last
}
