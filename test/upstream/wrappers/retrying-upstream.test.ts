import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../src/gateway-error.ts'
import { unguarded } from '../../../src/guard/public.ts'
import type { Upstream } from '../../../src/steer/upstream.ts'
import { UpstreamRefusal } from '../../../src/upstream/http/upstream-refusal.ts'
import { RetryPolicy } from '../../../src/upstream/wrappers/retry-policy.ts'
import { retryingUpstream } from '../../../src/upstream/wrappers/retrying-upstream.ts'
import { byteModel, byteTokenizer } from '../served-model/byte-model.ts'
import { type Outcome, scriptedUpstream } from './scripted-upstream.ts'

const signal = new AbortController().signal
const prefix = unguarded(byteTokenizer.encode('The fox'))
const query = { prefixes: [prefix], candidates: 3, signal }
const sampling = { temperature: 0, topP: 1, topK: 0, seed: 0 }
const streamQuery = { prefix, candidates: 3, maxTokens: 5, sampling, signal }
function refused(status: number, retryAfterSeconds?: number) {
  return new UpstreamRefusal(status, 'No.', retryAfterSeconds === undefined ? {} : { retryAfterSeconds })
}
const away = new GatewayError('upstream_unreachable', 'Away.')

function retrying(script: readonly Outcome[], retries = 2) {
  const waits: number[] = []
  const scripted = scriptedUpstream(script)
  const upstream = retryingUpstream(scripted, {
    policy: new RetryPolicy({ retries, random: () => 0.5 }),
    sleep: async (ms) => {
      waits.push(ms)
    },
  })
  return { upstream, scripted, waits }
}

async function tokensOf(upstream: Upstream): Promise<number[]> {
  const tokens: number[] = []
  for await (const { token } of upstream.stream(streamQuery)) tokens.push(token)
  return tokens
}

describe('a query', () => {
  test.each([[away], [refused(429)], [refused(500)], [refused(502)], [refused(503)], [refused(504)]])(
    'that fails with %s is sent again',
    async (fails) => {
      const { upstream, scripted } = retrying([{ fails }])
      expect(await upstream.distributions(query)).toEqual(await byteModel.distributions(query))
      expect(await tokensOf(retrying([{ fails }]).upstream)).toEqual(await tokensOf(byteModel))
      expect(scripted.calls()).toBe(2)
    },
  )

  test.each([
    [refused(400)],
    [refused(401)],
    [refused(404)],
    [new GatewayError('context_length_exceeded', 'Long.')],
    [new GatewayError('upstream_timeout', 'Silent.')],
    [new GatewayError('upstream_invalid_reply', 'Odd.')],
    [new Error('a bug')],
  ])('that fails with %s is not', async (fails) => {
    const { upstream, scripted } = retrying([{ fails }])
    await expect(upstream.distributions(query)).rejects.toBe(fails)
    expect(scripted.calls()).toBe(1)
  })

  test('is given up after the last attempt', async () => {
    const { upstream, scripted } = retrying([{ fails: away }, { fails: away }, { fails: away }])
    await expect(upstream.distributions(query)).rejects.toBe(away)
    expect(scripted.calls()).toBe(3)
  })

  test('waits as long as the server asks, and not at all for longer than anybody would', async () => {
    const { upstream, waits } = retrying([{ fails: refused(429, 3) }])
    await upstream.distributions(query)
    expect(waits[0]).toBeGreaterThanOrEqual(3_000)
    const long = refused(429, 60)
    await expect(retrying([{ fails: long }]).upstream.distributions(query)).rejects.toBe(long)
  })

  test('an abort ends the waiting', async () => {
    const controller = new AbortController()
    const upstream = retryingUpstream(scriptedUpstream([{ fails: away }]), {
      policy: new RetryPolicy({ retries: 2, random: () => 0.5 }),
      sleep: async (_, sleepSignal) => {
        controller.abort(new Error('gone'))
        sleepSignal.throwIfAborted()
      },
    })
    const asking = upstream.distributions({ ...query, signal: controller.signal })
    await expect(asking).rejects.toThrow('gone')
  })
})

describe('a stream', () => {
  test('is never sent again behind its first token', async () => {
    const { upstream, scripted } = retrying([{ fails: away, afterFirst: true }])
    await expect(tokensOf(upstream)).rejects.toBe(away)
    expect(scripted.calls()).toBe(1)
  })

  test('that is refused for load beside others of its answer tells so at once', async () => {
    const busy = refused(429)
    const { upstream, scripted } = retrying(['answer', { fails: busy }])
    const other = upstream.stream(streamQuery)[Symbol.asyncIterator]()
    await other.next()
    await expect(tokensOf(upstream)).rejects.toBe(busy)
    expect(scripted.calls()).toBe(2)
    await other.return?.()
    expect(await tokensOf(retrying([{ fails: busy }]).upstream)).toEqual(await tokensOf(byteModel))
  })
})

test('waits are bounded, and grow no faster than they double', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.integer({ min: 1, max: 12 }), (r, n) => {
      const policy = new RetryPolicy({ retries: 20, random: () => r, waitMs: 100, longestWaitMs: 5_000 })
      const wait = policy.wait(away, n) ?? -1
      expect(wait).toBeGreaterThanOrEqual(0)
      expect(wait).toBeLessThanOrEqual(Math.min(5_000, 100 * 2 ** (n - 1)))
    }),
  )
})
