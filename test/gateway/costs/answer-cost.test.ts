import { describe, expect, test } from 'vitest'
import { AnswerCost, type Cost, type CostLimits } from '../../../src/gateway/costs/answer-cost.ts'
import { tokenIds } from '../../../src/steer/token-id.ts'

const price = { in: 100, cached: 10, out: 200 }

function counting(limits: Partial<CostLimits> = {}, spentBefore = 0) {
  const spent: Cost[] = []
  const cost = new AnswerCost({
    price,
    limits: { perAnswer: null, daily: null, ...limits },
    spentToday: () => spent.reduce((sum, { amount }) => sum + amount, spentBefore),
    onSpent: (one) => spent.push(one),
  })
  return { cost, spent }
}

function prompt(length: number) {
  return tokenIds(new Uint8Array(length))
}

describe('what an answer costs', () => {
  test('is what goes up and comes back; what the query before held counts as read before', () => {
    const { cost, spent } = counting()
    cost.asked(prompt(1_000))
    cost.received(1)
    cost.asked(tokenIds([...prompt(1_000), 5]))
    cost.received(3)
    expect(cost.total).toMatchObject({ inTokens: 1_001, cachedTokens: 1_000, outTokens: 4 })
    expect(cost.total.amount).toBeCloseTo((1_001 * 100 + 1_000 * 10 + 4 * 200) / 1e6, 12)
    expect(spent.reduce((sum, { amount }) => sum + amount, 0)).toBeCloseTo(cost.total.amount, 12)
  })

  test('is taken once', () => {
    const { cost } = counting()
    cost.received(5)
    expect([cost.take(), cost.take()]).toEqual([0.001, 0])
  })
})

describe.each([
  ['of an answer', (share: number) => counting({ perAnswer: 0.2 / share })],
  ['of a day', (share: number) => counting({ daily: 1 }, share - 0.2)],
])('near the limit %s', (_, at) => {
  const spentTo = (share: number) => {
    const { cost } = at(share)
    cost.received(1_000)
    cost.asked(prompt(1))
    return cost
  }

  test.each([
    [0.25, 24, false],
    [0.55, 4, false],
    [0.7, 2, false],
    [0.79, 1, false],
    [0.85, 0, true],
  ])('at %f of it so many queries may run, and steering ends: %s, %s', (share, atOnce, ends) => {
    const cost = spentTo(share)
    expect([Math.min(24, cost.atOnce), cost.endsSteering]).toEqual([atOnce, ends])
  })

  test('an answer ends at it, and says what to do', () => {
    expect(() => spentTo(1.01)).toThrow(expect.objectContaining({ code: 'budget_spent' }))
    expect(() => spentTo(1.01)).toThrow(/budget\.(max_cost_per_answer|daily)/)
  })
})

test('a prompt that alone costs too much is refused before it is sent', () => {
  const { cost, spent } = counting({ perAnswer: 0.1 })
  expect(() => cost.begin({ promptTokens: 990, maxTokens: 1 })).not.toThrow()
  expect(() => cost.begin({ promptTokens: 1_000, maxTokens: 1 })).toThrow(/prompt alone costs 0\.1/)
  expect(spent).toEqual([])
})
