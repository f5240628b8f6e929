import fc from 'fast-check'
import { expect, test } from 'vitest'
import { quantile } from '../../../src/cli/bench/quantile.ts'

const amounts = fc.array(fc.double({ min: 0, max: 1000, noNaN: true }), { minLength: 1 })

test('a quantile is one of the values, with at least that share not above it', () => {
  fc.assert(
    fc.property(amounts, fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
      const found = quantile(values, q)
      expect(values).toContain(found)
      const below = values.filter((value) => value <= found).length
      expect(below / values.length).toBeGreaterThanOrEqual(q - 1e-12)
    }),
  )
  expect(quantile([], 0.5)).toBeNaN()
})
