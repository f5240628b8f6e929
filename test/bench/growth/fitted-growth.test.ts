import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fittedGrowth } from '../../../bench/growth/fitted-growth.ts'

const amount = fc.double({ min: 0.01, max: 1000, noNaN: true })
const sizes = fc.uniqueArray(fc.integer({ min: 1, max: 100_000 }), { minLength: 2, maxLength: 8 })

describe('the fit of a growing cost', () => {
  test('finds the power of a cost that is one, over all points and at the end', () => {
    const power = fc.double({ min: -2, max: 3, noNaN: true })
    fc.assert(
      fc.property(sizes, amount, power, (all, factor, exponent) => {
        const fit = fittedGrowth(all.map((size) => ({ size, cost: factor * size ** exponent })))
        expect(fit?.exponent).toBeCloseTo(exponent, 6)
        expect(fit?.lastExponent).toBeCloseTo(exponent, 6)
      }),
    )
  })

  test('finds what is fixed and what each one costs', () => {
    fc.assert(
      fc.property(sizes, amount, amount, (all, fixed, each) => {
        const fit = fittedGrowth(all.map((size) => ({ size, cost: fixed + each * size })))
        expect((fit?.each ?? 0) / each).toBeCloseTo(1, 3)
        expect(Math.abs((fit?.fixed ?? 0) - fixed)).toBeLessThan(1e-3 * (fixed + each * Math.min(...all)))
      }),
    )
  })

  test('of something fixed and something for each is below 1, and nearer to it at the end', () => {
    const fit = fittedGrowth([1, 10, 100, 1000].map((size) => ({ size, cost: 50 + size })))
    expect(fit?.exponent).toBeGreaterThan(0)
    expect(fit?.exponent).toBeLessThan(fit?.lastExponent ?? 0)
    expect(fit?.lastExponent).toBeLessThan(1)
  })

  test('does not depend on the order of points, nor on those that could not be measured', () => {
    const points = [1, 4, 9].map((size) => ({ size, cost: 2 * size }))
    const others = [
      { size: 16, cost: Number.NaN },
      { size: 20, cost: Number.POSITIVE_INFINITY },
      { size: 0, cost: 5 },
      { size: 25, cost: 0 },
    ]
    expect(fittedGrowth([...others, ...points.toReversed()])).toEqual(fittedGrowth(points))
  })

  test('is none of a single size', () => {
    expect(fittedGrowth([])).toBeNull()
    expect(fittedGrowth([{ size: 3, cost: 1 }])).toBeNull()
    expect(
      fittedGrowth([
        { size: 3, cost: 1 },
        { size: 3, cost: 2 },
      ]),
    ).toBeNull()
  })
})
