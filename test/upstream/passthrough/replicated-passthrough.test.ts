import { describe, expect, test } from 'vitest'
import type { GatewayError } from '../../../src/gateway-error.ts'
import { openPassthrough, type PassedRequest } from '../../../src/upstream/passthrough/passthrough.ts'
import { replicatedPassthrough } from '../../../src/upstream/passthrough/replicated-passthrough.ts'
import { CircuitBreaker } from '../../../src/upstream/wrappers/circuit-breaker.ts'
import { listeningServer } from '../http/listening-server.ts'

const request: PassedRequest = {
  method: 'POST',
  path: '/v1/embeddings',
  headers: new Headers({ 'content-type': 'application/json' }),
  body: new TextEncoder().encode('{}'),
  model: null,
  streamed: false,
  signal: new AbortController().signal,
}

/** Nothing listens on port 9 of a loopback address that this machine does not use. */
const AWAY = 'http://127.9.9.9:9'

function open(...urls: string[]) {
  return replicatedPassthrough(
    urls.map((url) => ({
      passthrough: openPassthrough({ url, model: 'up' }),
      breaker: new CircuitBreaker({ where: url, clock: performance, threshold: 2 }),
    })),
  )
}

function observed(url: string) {
  const contacts: (GatewayError | null)[] = []
  const passthrough = replicatedPassthrough([
    {
      passthrough: openPassthrough({ url, model: 'up' }),
      breaker: new CircuitBreaker({ where: url, clock: performance, threshold: 2 }),
      onContact: (failure) => contacts.push(failure),
    },
  ])
  return { passthrough, contacts }
}

describe('a request that one of several servers may answer', () => {
  test('goes to the first one', async () => {
    const [one, two] = [
      await listeningServer((response) => void response.end('1')),
      await listeningServer((response) => void response.end('2')),
    ]
    const passthrough = open(one.url, two.url)
    expect((await passthrough.forward(request)).status).toBe(200)
    expect([one.arrived.length, two.arrived.length]).toEqual([1, 0])
    await passthrough.close()
  })

  test('goes to the next one where no connection comes about, form and all', async () => {
    const server = await listeningServer((response) => void response.end('2'))
    const passthrough = open(AWAY, server.url)
    const body = new FormData()
    body.set('costeer', '{}')
    body.set('file', new Blob(['text']), 'a.txt')
    for (let attempt = 0; attempt < 4; attempt++)
      expect((await passthrough.forward({ ...request, body })).status).toBe(200)
    expect(server.arrived).toHaveLength(4)
    for (const arrived of server.arrived) expect(arrived.body.toString()).toMatch(/a\.txt.*text/s)
    await passthrough.close()
  })

  test('is not repeated where a server may have seen it', async () => {
    const one = await listeningServer((response) => void response.socket?.resetAndDestroy())
    const two = await listeningServer((response) => void response.end('2'))
    const passthrough = open(one.url, two.url)
    await expect(passthrough.forward(request)).rejects.toMatchObject({ code: 'upstream_unreachable' })
    expect(two.arrived).toEqual([])
    await passthrough.close()
  })

  test.each([
    ['an answer', 200, [null]],
    ['a refusal', 404, [null]],
    ['a failure, which may be about the route', 501, []],
  ])('is a contact with the server: %s', async (_, status, expected) => {
    const server = await listeningServer((response) => void response.writeHead(status).end('x'))
    const { passthrough, contacts } = observed(server.url)
    expect((await passthrough.forward(request)).status).toBe(status)
    expect(contacts).toEqual(expected)
    await passthrough.close()
  })

  test('is a contact where it breaks down, before its reply or within', async () => {
    const server = await listeningServer((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {}\n\n')
      setImmediate(() => response.socket?.resetAndDestroy())
    })
    const breaking = observed(server.url)
    const { body } = await breaking.passthrough.forward(request)
    const reading = (async () => {
      for await (const _ of body ?? []);
    })()
    await expect(reading).rejects.toMatchObject({ code: 'upstream_unreachable' })
    expect(breaking.contacts).toMatchObject([null, { code: 'upstream_unreachable' }])
    await breaking.passthrough.close()

    const away = observed(AWAY)
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(away.passthrough.forward(request)).rejects.toMatchObject({ code: 'upstream_unreachable' })
    }
    // The third is refused by the circuit breaker, and never leaves
    expect(away.contacts).toHaveLength(2)
    await away.passthrough.close()
  })

  test('is refused when no server is there, at once after a while, with the time to try again', async () => {
    const passthrough = open(AWAY)
    for (const retryAfterSeconds of [null, null, 1])
      await expect(passthrough.forward(request)).rejects.toMatchObject({
        code: 'upstream_unreachable',
        retryAfterSeconds,
      })
    await passthrough.close()
  })
})
