import fc from 'fast-check'
import { expect, test } from 'vitest'
import { logSumExp } from '../../src/steer/log-sum-exp.ts'

// By the definition, whose peak keeps it from overflowing
function reference(values: readonly number[], peak: number): number {
  return peak + Math.log(values.reduce((sum, value) => sum + Math.exp(value - peak), 0))
}

test('it is the logarithm of the sum of all exponentials', () => {
  const values = fc.array(fc.double({ noNaN: true, min: -800, max: 800 }), { minLength: 1, maxLength: 300 })
  fc.assert(
    fc.property(values, (some) => {
      expect(logSumExp(Float64Array.from(some))).toBeCloseTo(reference(some, Math.max(...some)), 11)
    }),
  )
})

test('values near each other are told apart at every distance from the peak', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, min: 0, max: 30 }), (distance) => {
      const sum = logSumExp(Float64Array.of(5, 5 - distance))
      expect(Math.exp(sum - 5) - 1).toBeCloseTo(Math.exp(-distance), 12)
    }),
  )
})

test.each([
  { values: [], result: Number.NEGATIVE_INFINITY },
  { values: [-Infinity, -Infinity], result: Number.NEGATIVE_INFINITY },
  { values: [-Infinity, 3], result: 3 },
  { values: [2, -2_000], result: 2 },
  { values: [1, Number.NaN], result: Number.NaN },
])('of $values it is $result', ({ values, result }) => {
  expect(logSumExp(Float32Array.from(values))).toBe(result)
})
