import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fitRule } from '../../../src/evaluation/likelihood/fit-rule.ts'
import { meanNats } from '../../../src/evaluation/likelihood/steering-rule.ts'
import { madeUpText } from './made-up-text.ts'

describe('the fitted rule', () => {
  test('is the likeliest one at its strength', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.double({ min: 0, max: 1.5, noNaN: true }),
        fc.double({ min: -0.3, max: 0.3, noNaN: true }),
        fc.double({ min: -0.5, max: 0.5, noNaN: true }),
        (seed, strength, sharper, likelier) => {
          const text = madeUpText({ seed, positions: 80, candidates: 12 })
          const rule = fitRule([{ text, closing: 80 }], strength)
          const other = {
            ...rule,
            sharpness: rule.sharpness + sharper,
            tailBias: rule.tailBias + likelier,
          }
          expect(meanNats(text, rule)).toBeLessThanOrEqual(meanNats(text, other) + 1e-9)
        },
      ),
      { numRuns: 50 },
    )
  })

  test('leaves a model alone that is as sure as it ought to be', () => {
    const text = madeUpText({ seed: 3, positions: 20_000, candidates: 8 })
    const rule = fitRule([{ text, closing: text.positions.length }], 0)
    expect(rule.sharpness).toBeCloseTo(1, 1)
    expect(rule.tailBias).toBeCloseTo(0, 1)
  })

  test('stays a number where every token is foreseen', () => {
    const sure = {
      base: Float64Array.of(-1e-5, -12, -14),
      delta: new Float64Array(3),
      real: 0,
      withinTail: 0,
    }
    const text = { candidates: 2, positions: Array.from({ length: 9 }, () => sure) }
    const rule = fitRule([{ text, closing: 9 }], 1)
    expect(meanNats(text, rule)).toBeLessThan(1e-4)
    expect(rule.sharpness).toBeGreaterThan(1)
  })

  test('flattens a model that is too sure', () => {
    const text = madeUpText({ seed: 4, positions: 20_000, candidates: 8, sharpness: 2 })
    expect(fitRule([{ text, closing: text.positions.length }], 0).sharpness).toBeCloseTo(0.5, 1)
  })
})
