import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chanceAgainstAll, chanceOf } from '../../../src/steer/guard/token-chance.ts'

/** All tokens of a vocabulary, the likeliest first. */
const distributions = fc
  .array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 })
  .map((weights) => {
    const whole = weights.reduce((a, b) => a + b, 0)
    return weights.map((weight) => weight / whole).toSorted((a, b) => b - a)
  })
const temperatures = fc.double({ min: 0.05, max: 3, noNaN: true })

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0)
}

describe('the chance of a token', () => {
  test('is its probability at temperature 1, whatever else is known', () => {
    expect(chanceOf(0.3, [0.4], 1)).toBe(0.3)
    expect(chanceOf(0, [], 1)).toBe(0)
  })

  test('is all of it for the likeliest at temperature 0', () => {
    expect(chanceOf(0.4, [0.4, 0.3], 0)).toBe(1)
    expect(chanceOf(0.3, [0.4, 0.3], 0)).toBe(0)
    expect(chanceOf(0, [], 0)).toBe(0)
  })

  test('is that under the scores divided by the temperature, and all sum to 1', () => {
    fc.assert(
      fc.property(distributions, temperatures, (probabilities, temperature) => {
        const scores = probabilities.map((one) => one ** (1 / temperature))
        const chances = probabilities.map((one) => chanceOf(one, probabilities, temperature))
        for (const [at, chance] of chances.entries()) {
          expect(chance).toBeCloseTo((scores[at] as number) / sum(scores), 6)
        }
        expect(sum(chances)).toBeCloseTo(1, 6)
      }),
    )
  })

  test('nears the greedy one as the temperature falls', () => {
    expect(chanceOf(0.4, [0.4, 0.3], 0.01)).toBeCloseTo(1, 6)
    expect(chanceOf(0.3, [0.4, 0.3], 0.01)).toBeCloseTo(0, 6)
  })

  test('of those that are listed leaves the others theirs', () => {
    fc.assert(
      fc.property(distributions, temperatures, (probabilities, temperature) => {
        const listed = probabilities.slice(0, Math.ceil(probabilities.length / 2))
        expect(sum(listed.map((one) => chanceOf(one, listed, temperature)))).toBeLessThanOrEqual(1 + 1e-9)
      }),
    )
  })
})

test('against all others a token has to be likelier than they are together', () => {
  expect(chanceAgainstAll(0.51, 0)).toBe(1)
  expect(chanceAgainstAll(0.5, 0)).toBe(0)
  expect(chanceAgainstAll(0.3, 1)).toBe(0.3)
  expect(chanceAgainstAll(0.8, 0.5)).toBeCloseTo(0.64 / (0.64 + 0.04), 9)
  expect(chanceAgainstAll(0.2, 0.5)).toBeCloseTo(0.04 / (0.64 + 0.04), 9)
})
