import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fairnessOf } from '../../../bench/load/fairness.ts'

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
