import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lookaheadPolicy } from '../../../src/gateway/answering/lookahead-policy.ts'
import { AnswerCost } from '../../../src/gateway/costs/answer-cost.ts'
import { unguarded } from '../../../src/guard/public.ts'
import { lookaheadLoop } from '../../../src/steer/lookahead/lookahead-loop.ts'
import { initialThrottle } from '../../../src/steer/lookahead/planning/speculation-throttle.ts'
import { tokenId } from '../../../src/steer/token-id.ts'
import type { Price } from '../../../src/upstream/price.ts'
import { meteredUpstream } from '../../../src/upstream/wrappers/metered-upstream.ts'
import { plain, type Scenario, simulate, take, tokensOf } from '../../steer/lookahead/simulated-answer.ts'

const steering = {
  strength: 1,
  fidelity: 'top-k',
  gate: 'off',
  lookahead: 'auto',
  drafts: 'public',
} as const

const longPrompt = unguarded(Array.from({ length: 34 }, (_, index) => tokenId(index % 7)))

interface Budget {
  readonly limit: number | null
  readonly price: Price
}

/** Queries that were in flight when one was sent, and how many the answer had been told that it may have. */
async function answered(scenario: Omit<Scenario, 'lookahead'>, { limit, price }: Budget) {
  const cost = new AnswerCost({
    price,
    limits: { perAnswer: limit, daily: null },
    spentToday: () => 0,
    onSpent: () => {},
  })
  let told = 0
  const lookahead = lookaheadPolicy(steering, {
    requested: undefined,
    embedded: false,
    answers: 1,
    atOnce: () => {
      told = cost.atOnce
      return told
    },
    throttle: initialThrottle,
  })
  if (lookahead === null) throw new Error('nothing is guessed')
  const { options, time, upstream } = simulate({ ...scenario, lookahead }, { decode: { prompt: longPrompt } })
  const sent: { readonly told: number; readonly inFlight: number }[] = []
  const noting = {
    asked: (prefix: Parameters<typeof cost.asked>[0]) => {
      sent.push({ told, inFlight: upstream.inFlight + 1 })
      cost.asked(prefix)
    },
    received: (tokens: number) => cost.received(tokens),
  }
  cost.begin({ promptTokens: longPrompt.length, maxTokens: scenario.maxTokens })
  const decode = { ...options, upstream: meteredUpstream(upstream, noting) }
  const events = await time.run(take(lookaheadLoop(decode, lookahead)))
  const steered = events.filter((event) => event.type === 'token-emitted' && event.steered).length
  return { sent, tokens: tokensOf(events), steered, spent: cost.total.amount }
}

test('near the limit of an answer fewer queries go side by side, down to one, and the tokens are the same', async () => {
  // Half a second for a query at an upstream that takes eight of them, and a local model that is quick
  const scenario = { ...plain, maxTokens: 200, upstreamMs: 500, jitter: 0 }
  const price = { in: 1_000_000, cached: 0, out: 1_000_000 }
  const unlimited = await answered(scenario, { limit: null, price })
  const { sent, tokens, steered } = await answered(scenario, { limit: unlimited.spent * 0.7, price })
  expect(tokens.slice(0, steered)).toEqual(unlimited.tokens.slice(0, steered))
  const most = (allowed: (told: number) => boolean) =>
    Math.max(...sent.filter(({ told }) => allowed(told)).map(({ inFlight }) => inFlight))
  expect(most((told) => told > 8)).toBe(8)
  for (const allowed of [4, 3, 2, 1])
    expect([allowed, most((told) => told === allowed)]).toEqual([allowed, allowed])
})

test('however slow the local model is beside the upstream, an answer that fits unsteered ends whole', async () => {
  const maxTokens = 40
  const price = { in: 1_000_000, out: 100_000 }
  const unsteered = longPrompt.length + maxTokens * 0.1
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        seed: fc.nat(),
        disagreement: fc.constantFrom(0.3, 1, 3),
        localMs: fc.constantFrom(0, 20, 5_000),
      }),
      fc.constantFrom(null, 400, 20_000),
      fc.constantFrom(0, 1_000_000, null),
      fc.double({ min: 1.3, max: 8, noNaN: true }),
      async (varied, prefillMs, cached, times) => {
        const limit = unsteered * times
        const { tokens, spent } = await answered(
          { ...plain, ...varied, prefillMs, maxTokens },
          { limit, price: { ...price, ...(cached === null ? {} : { cached }) } },
        )
        expect(tokens.length).toBe(maxTokens)
        expect(spent).toBeLessThan(limit)
      },
    ),
    { numRuns: 300 },
  )
})
