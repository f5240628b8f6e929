import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fairnessOf } from '../../../bench/load/fairness.ts'
import { memoryTrend } from '../../../bench/load/memory-trend.ts'

const amounts = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 64 })

test("Jain's index is 1 for equal amounts, 1/n when one got everything, and in between otherwise", () => {
  expect(fairnessOf([7, 7, 7, 7]).jain).toBe(1)
  expect(fairnessOf([0, 0, 0, 5]).jain).toBe(0.25)
  fc.assert(
    fc.property(amounts, (values) => {
      const { min, median, max, jain } = fairnessOf(values)
      expect(jain).toBeLessThanOrEqual(1 + 1e-12)
      expect(jain).toBeGreaterThanOrEqual(1 / values.length - 1e-12)
      expect([min, median, max]).toEqual([min, median, max].toSorted((a, b) => a - b))
    }),
  )
})

test('memory that grows steadily has that slope, and rising quarters', () => {
  const samples = Array.from({ length: 120 }, (_, second) => ({
    atSeconds: second,
    bytes: 1000 + 5 * second,
  }))
  const { slopeBytesPerMinute, quarterBytes, peakBytes } = memoryTrend(samples)
  expect(slopeBytesPerMinute).toBeCloseTo(300)
  expect(quarterBytes).toEqual([1072.5, 1222.5, 1372.5, 1522.5])
  expect(peakBytes).toBe(1595)
})

test('memory that was filled and then stays has no slope', () => {
  const samples = Array.from({ length: 100 }, (_, at) => ({ atSeconds: at, bytes: Math.min(at, 40) }))
  expect(memoryTrend(samples).slopeBytesPerMinute).toBe(0)
})
