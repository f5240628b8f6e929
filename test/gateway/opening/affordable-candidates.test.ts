import { expect, test } from 'vitest'
import { affordableCandidates } from '../../../src/gateway/opening/affordable-candidates.ts'
import { GatewayError } from '../../../src/gateway-error.ts'
import type { TokenId } from '../../../src/steer/token-id.ts'
import type { DistributionsQuery, Upstream } from '../../../src/steer/upstream.ts'

const { signal } = new AbortController()

/** An upstream whose reply takes `costs(K)` milliseconds of the clock that goes with it. */
function timedUpstream(costs: (candidates: number, asked: number) => number, maxCandidates = 100_000) {
  let nowMs = 0
  let asked = 0
  const upstream = {
    limits: { maxCandidates, contextTokens: 4096, maxInFlight: 4 },
    encodeChat: async () => [1, 2, 3] as TokenId[],
    async distributions({ candidates }: DistributionsQuery) {
      nowMs += costs(candidates, asked++)
      return []
    },
  } as unknown as Upstream
  return { upstream, options: { least: 100, clock: { now: () => nowMs }, signal } }
}

test.each([
  ['1,000 where it costs nothing', () => 30, 1000],
  ['1,000 at a tenth of a step', (count: number) => (count === 1000 ? 33 : 30), 1000],
  ['500 where 1,000 costs more', (count: number) => (count === 1000 ? 34 : 30), 500],
  ['100 where each one costs', (count: number) => count, 100],
])('K is %s', async (_, costs, expected) => {
  const { upstream, options } = timedUpstream(costs)
  expect(await affordableCandidates(upstream, options)).toBe(expected)
})

test('a reply that was late once changes nothing', async () => {
  const { upstream, options } = timedUpstream((_, asked) => (asked === 3 || asked === 5 ? 500 : 30))
  expect(await affordableCandidates(upstream, options)).toBe(1000)
})

test.each([
  ['more than 100', 100, 100],
  ['more than 500', 500, 500],
  ['anything', 0, 100],
])('K is one that the upstream answers: it fails at %s', async (_, most, expected) => {
  const { upstream, options } = timedUpstream((candidates) => {
    if (candidates > most) throw new GatewayError('upstream_invalid_reply', 'Fewer than asked for.')
    return 30
  })
  expect(await affordableCandidates(upstream, options)).toBe(expected)
})

test.each([
  [20, 20],
  [150, 100],
  [300, 200],
])('K is at most what the upstream returns: of %d, %d', async (maxCandidates, expected) => {
  const { upstream, options } = timedUpstream(() => 30, maxCandidates)
  expect(await affordableCandidates(upstream, options)).toBe(expected)
})
