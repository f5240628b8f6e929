import { describe, expect, test } from 'vitest'
import { leakedBits, strengthShare } from '../../../src/steer/strength/leak-meter.ts'
import { tokenId } from '../../../src/steer/token-id.ts'
import { topK } from '../table-models.ts'

const distribution = topK([Math.log(0.5), Math.log(0.25), Math.log(0.25)], 3)

describe('what a chosen token tells', () => {
  test('is one bit where it became twice as likely, and less than none where it became less likely', () => {
    const told = (token: number, probability: number) =>
      leakedBits(distribution, { token: tokenId(token), logprob: Math.log(probability) })
    expect(told(1, 0.5)).toBeCloseTo(1)
    expect(told(0, 0.5)).toBeCloseTo(0)
    expect(told(0, 0.25)).toBeCloseTo(-1)
  })
})

describe('a budget', () => {
  test('leaves all of the strength at first, half of it in the middle and nothing at its end', () => {
    expect([0, 5, 10, 12].map((spent) => strengthShare(spent, 10))).toEqual([1, 0.5, 0, 0])
  })

  test('is never more than the strength, and no limit where there is none', () => {
    expect(strengthShare(-3, 10)).toBe(1)
    expect(strengthShare(1e6, null)).toBe(1)
  })
})
