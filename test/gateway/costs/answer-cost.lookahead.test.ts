import { expect, test } from 'vitest'
import { lookaheadPolicy } from '../../../src/gateway/answering/lookahead-policy.ts'
import { AnswerCost } from '../../../src/gateway/costs/answer-cost.ts'
import { lookaheadLoop } from '../../../src/steer/lookahead/lookahead-loop.ts'
import { initialThrottle } from '../../../src/steer/lookahead/planning/speculation-throttle.ts'
import { meteredUpstream } from '../../../src/upstream/wrappers/metered-upstream.ts'
import { plain, simulate, take, tokensOf } from '../../steer/lookahead/simulated-answer.ts'

const steering = {
  strength: 1,
  fidelity: 'top-k',
  gate: 'off',
  lookahead: 'auto',
  drafts: 'public',
} as const

/** Half a second for a query at an upstream that takes eight of them, and a local model that is quick. */
const scenario = { ...plain, maxTokens: 200, upstreamMs: 500, jitter: 0 }

/** Queries that were in flight when one was sent, and how many the answer had been told that it may have. */
async function answered(limit: number | null) {
  const cost = new AnswerCost({
    price: { in: 1_000_000, cached: 0, out: 1_000_000 },
    limits: { perAnswer: limit, daily: null },
    spentToday: () => 0,
    onSpent: () => {},
  })
  let told: number | null = null
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
  const { options, time, upstream } = simulate({ ...scenario, lookahead })
  const sent: { readonly told: number | null; readonly inFlight: number }[] = []
  const noting = {
    asked: (prefix: Parameters<typeof cost.asked>[0]) => {
      sent.push({ told, inFlight: upstream.inFlight + 1 })
      cost.asked(prefix)
    },
    received: (tokens: number) => cost.received(tokens),
  }
  const decode = { ...options, upstream: meteredUpstream(upstream, noting) }
  const tokens = tokensOf(await time.run(take(lookaheadLoop(decode, lookahead))))
  return { sent, tokens, spent: cost.total.amount }
}

test('near the limit of an answer fewer queries go side by side, down to one, and the tokens are the same', async () => {
  const unlimited = await answered(null)
  const { sent, tokens } = await answered(unlimited.spent * 0.95)
  expect(tokens).toEqual(unlimited.tokens)
  const most = (allowed: number | null) =>
    Math.max(...sent.filter(({ told }) => told === allowed).map(({ inFlight }) => inFlight))
  expect(most(null)).toBe(8)
  for (const allowed of [4, 3, 2, 1]) expect([allowed, most(allowed)]).toEqual([allowed, allowed])
})
