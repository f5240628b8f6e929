import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Pool } from 'undici'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Relay, startRelay } from '../../../bench/programs/relay.ts'

const ROUND_TRIP_MS = 60

describe('the relay', () => {
  let server: Server
  let relay: Relay
  let pool: Pool
  let aborted = 0

  beforeEach(async () => {
    aborted = 0
    server = createServer(async (request, response) => {
      response.on('close', () => {
        if (!response.writableFinished) aborted++
      })
      if (request.url === '/never') return
      if (request.url === '/endless') {
        response.write('first')
        return
      }
      for await (const chunk of request) response.write(chunk)
      response.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    relay = await startRelay({ target, roundTripMs: ROUND_TRIP_MS })
    pool = new Pool(relay.url)
  })
  afterEach(async () => {
    await pool.destroy()
    await relay.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  const echo = async (body: string): Promise<string> => {
    const reply = await pool.request({ method: 'POST', path: '/', body })
    return reply.body.text()
  }
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const start = performance.now()
    await work()
    return performance.now() - start
  }

  test('adds a round trip to a request, not to each of several that run together', async () => {
    await echo('warm')
    const one = await timed(() => echo('x'))
    expect(one).toBeGreaterThanOrEqual(ROUND_TRIP_MS - 2)
    const eight = await timed(() => Promise.all(Array.from({ length: 8 }, () => echo('y'))))
    expect(eight).toBeLessThan(4 * ROUND_TRIP_MS)
  })

  test('lets a new connection wait for a round trip first', async () => {
    expect(await timed(() => echo('x'))).toBeGreaterThanOrEqual(2 * ROUND_TRIP_MS - 4)
  })

  test('keeps large bodies whole and in order', async () => {
    const body = Array.from({ length: 60_000 }, (_, at) => at).join(',')
    expect(await echo(body)).toBe(body)
  })

  test('passes on that a client left', async () => {
    const controller = new AbortController()
    const reply = await pool.request({ method: 'GET', path: '/endless', signal: controller.signal })
    for await (const chunk of reply.body) {
      expect(String(chunk)).toBe('first')
      break
    }
    await vi.waitFor(() => expect(aborted).toBe(1))
    const waiting = pool.request({ method: 'GET', path: '/never', signal: controller.signal })
    setTimeout(() => controller.abort(), 2 * ROUND_TRIP_MS)
    await expect(waiting).rejects.toThrow()
    await vi.waitFor(() => expect(aborted).toBe(2))
  })
})
