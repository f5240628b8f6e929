import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConnectionPool } from '../../../src/upstream/http/connection-pool.ts'

const held = new Set<ServerResponse>()
const server = createServer((request, response) => {
  if (request.url === '/ok') response.end('ok')
  else {
    held.add(response)
    response.on('close', () => held.delete(response))
    if (request.url === '/begun') response.write('begun')
  }
})
function connections() {
  return new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)))
}
let origin: string

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

async function ask(pool: ConnectionPool, path: string, signal = new AbortController().signal) {
  const { body } = await pool.request({ method: 'POST', path, body: '{}', signal })
  return body.text()
}

describe('connections to a server', () => {
  test('none waits behind a reply that does not end, whatever was aborted before', async () => {
    const kinds = fc.constantFrom('/hold', '/begun', '/ok')
    const abort = fc.constantFrom('at once', 'in a turn', 'never')
    const rounds = fc.array(fc.array(fc.tuple(kinds, abort), { maxLength: 5 }), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(rounds, async (script) => {
        const pool = new ConnectionPool({ origin, connectMs: 5_000 })
        for (const round of script) {
          for (const [path, when] of round) {
            const controller = new AbortController()
            ask(pool, path, controller.signal).catch(() => {})
            if (when === 'at once') controller.abort()
            if (when === 'in a turn') setImmediate(() => controller.abort())
          }
          await new Promise(setImmediate)
          expect(await ask(pool, '/ok')).toBe('ok')
        }
        await pool.destroy()
      }),
      { numRuns: 40 },
    )
  })

  test('one that is free is used again', async () => {
    const pool = new ConnectionPool({ origin, connectMs: 5_000 })
    const before = await connections()
    for (let i = 0; i < 5; i++) expect(await ask(pool, '/ok')).toBe('ok')
    expect((await connections()) - before).toBeLessThanOrEqual(1)
    await pool.destroy()
  })

  test('keeps no more idle connections than it may', async () => {
    const pool = new ConnectionPool({ origin, connectMs: 5_000, idleConnections: 2 })
    const before = await connections()
    expect(await Promise.all(Array.from({ length: 6 }, () => ask(pool, '/ok')))).toHaveLength(6)
    while ((await connections()) - before > 2) await new Promise(setImmediate)
    expect(await ask(pool, '/ok')).toBe('ok')
    await pool.destroy()
  })

  test('closing breaks off what is under way', async () => {
    const pool = new ConnectionPool({ origin, connectMs: 5_000 })
    const asking = ask(pool, '/hold')
    while (held.size === 0) await new Promise(setImmediate)
    await pool.destroy()
    await expect(asking).rejects.toThrow()
    while (held.size > 0) await new Promise(setImmediate)
  })
})
