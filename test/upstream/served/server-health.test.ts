import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { GatewayError } from '../../../src/gateway-error.ts'
import { reachServer } from '../../../src/upstream/served/reach-server.ts'
import { ServerHealth } from '../../../src/upstream/served/server-health.ts'

/** Longer than a contact says anything. */
const LATER_MS = 5_000
const SOON_MS = 1_000

let server: Server
let url: string
let asked: number
let answer: (response: ServerResponse) => void
let nowMs: number
let isLeftAlone: boolean
let firstByteMs: number
let health: ServerHealth

beforeEach(async () => {
  asked = 0
  nowMs = 0
  isLeftAlone = false
  firstByteMs = 2_000
  answer = (response) => response.end('{}')
  server = createServer((_, response) => {
    asked++
    answer(response)
  })
  await start(0)
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  health = new ServerHealth({
    isLeftAlone: () => isLeftAlone,
    ask: (signal) => reachServer({ url, timeouts: { firstByteMs } }, '/v1/models', signal),
    clock: { now: () => nowMs },
  })
})
afterEach(stop)

function start(port = Number(new URL(url).port)): Promise<void> {
  return new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
}
function stop(): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

describe('the health of a server', () => {
  test('follows a real one that is stopped and started, without any other request', async () => {
    nowMs += LATER_MS
    expect(await health.obstacle()).toBeNull()
    await stop()
    nowMs += LATER_MS
    expect(await health.obstacle()).toBe('cannot be reached')
    await start()
    nowMs += LATER_MS
    expect(await health.obstacle()).toBeNull()
  })

  test('is known for a while after each contact, so that nothing is asked', async () => {
    expect(await health.obstacle()).toBeNull()
    nowMs += LATER_MS
    health.contacted(null)
    nowMs += SOON_MS
    expect(await health.obstacle()).toBeNull()
    health.contacted(new GatewayError('upstream_unreachable', 'Away.'))
    expect(await health.obstacle()).toBe('cannot be reached')
    expect(asked).toBe(0)
    nowMs += LATER_MS
    expect(await health.obstacle()).toBeNull()
    expect(asked).toBe(1)
  })

  test('is asked for once, however many want to know at the same time', async () => {
    let reply = () => {}
    answer = (response) => {
      reply = () => response.end('{}')
    }
    nowMs += LATER_MS
    const obstacles = Promise.all(Array.from({ length: 20 }, () => health.obstacle()))
    await vi.waitFor(() => expect(asked).toBe(1), { interval: 1 })
    reply()
    expect(await obstacles).toEqual(Array.from({ length: 20 }, () => null))
    expect(await health.obstacle()).toBeNull()
    expect(asked).toBe(1)
  })

  test.each([
    {
      does: 'refuses',
      reply: (response: ServerResponse) => response.writeHead(503).end('{}'),
      obstacle: 'refuses requests (HTTP 503)',
    },
    { does: 'stays silent', within: 50, reply: () => {}, obstacle: 'does not answer in time' },
    {
      does: 'breaks off',
      reply: (response: ServerResponse) => response.destroy(),
      obstacle: 'cannot be reached',
    },
    {
      does: 'sends something else',
      reply: (response: ServerResponse) => response.end('<html>'),
      obstacle: 'gives replies that are not as expected',
    },
  ])('is bad while the server $does, and good again afterwards', async ({ reply, within, obstacle }) => {
    answer = reply
    if (within !== undefined) firstByteMs = within
    nowMs += LATER_MS
    expect(await health.obstacle()).toBe(obstacle)
    answer = (response) => response.end('{}')
    firstByteMs = 2_000
    nowMs += LATER_MS
    expect(await health.obstacle()).toBeNull()
  })

  test('is bad while the circuit breaker leaves the server alone, which is not asked then', async () => {
    nowMs += LATER_MS
    isLeftAlone = true
    expect(await health.obstacle()).toMatch(/^is left alone/)
    expect(asked).toBe(0)
    isLeftAlone = false
    expect(await health.obstacle()).toBeNull()
  })

  test('is bad when no answer comes before a probe gives up', async () => {
    const slow = new ServerHealth({
      isLeftAlone: () => false,
      ask: (signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      clock: { now: () => nowMs },
    })
    nowMs += LATER_MS
    expect(await slow.obstacle()).toBe('does not answer in time')
  })
})
