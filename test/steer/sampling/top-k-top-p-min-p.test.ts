import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Truncation, topKTopPMinP } from '../../../src/steer/sampling/top-k-top-p-min-p.ts'

const score = fc.oneof(fc.double({ min: -30, max: 3, noNaN: true }), fc.integer({ min: -3, max: 0 }))
const falling = fc
  .array(score, { minLength: 1, maxLength: 40 })
  .map((scores) => Float64Array.from(scores).sort().reverse())
const truncations = fc.record({
  temperature: fc.constantFrom(0.2, 0.7, 1, 1.9),
  topK: fc.constantFrom(0, 1, 3, 100),
  topP: fc.oneof(fc.constantFrom(1, 0.9, 0.5), fc.double({ min: 1e-9, max: 1, noNaN: true })),
  minP: fc.option(fc.oneof(fc.constantFrom(0, 0.1, 1), fc.double({ min: 0, max: 1, noNaN: true })), {
    nil: undefined,
  }),
})

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** What the words say, one after the other, on a list of probabilities. */
function oracle(scores: readonly number[], { temperature, topK, topP, minP = 0 }: Truncation): number {
  const weights = scores.map((value) => Math.exp(value / temperature))
  const [best = 0] = weights
  const left = weights
    .filter((_, rank) => topK === 0 || rank < topK)
    .filter((weight) => weight / best >= minP)
  const probabilities = left.map((weight) => weight / sum(left))
  const enough = probabilities.findIndex((_, rank) => sum(probabilities.slice(0, rank + 1)) >= topP)
  return enough < 0 ? left.length : enough + 1
}

describe('top-k, min-p and top-p', () => {
  test('leave what their definitions say, but for what rounding decides', () => {
    fc.assert(
      fc.property(falling, truncations, (scores, truncation) => {
        const given = { ...truncation, minP: truncation.minP ?? 0 }
        const kept = topKTopPMinP(scores, given)
        const tight = { ...given, topP: given.topP - 1e-12, minP: given.minP + 1e-12 }
        const loose = { ...given, topP: given.topP + 1e-12, minP: given.minP - 1e-12 }
        expect(kept).toBeGreaterThanOrEqual(Math.max(1, oracle([...scores], tight)))
        expect(kept).toBeLessThanOrEqual(oracle([...scores], loose))
      }),
      { numRuns: 5000 },
    )
  })

  test('leave the same whatever constant the scores hold', () => {
    const halves = Float64Array.from([0.5, 0.25, 0.125, 0.125], Math.log)
    const keep = (scores: Float64Array, topP: number) =>
      topKTopPMinP(scores, { temperature: 1, topK: 0, topP })
    for (const topP of [0.3, 0.6, 0.8, 0.9, 1]) {
      expect(
        keep(
          halves.map((value) => value + 7),
          topP,
        ),
      ).toBe(keep(halves, topP))
    }
  })

  test('of the whole vocabulary, candidates that hold less than top-p all stay', () => {
    const scores = Float64Array.from([0.4, 0.2, 0.1], Math.log)
    const keep = (topP: number, massOf: 'candidates' | 'vocabulary') =>
      topKTopPMinP(scores, { temperature: 1, topK: 0, topP, massOf })
    expect(keep(0.8, 'vocabulary')).toBe(3)
    expect(keep(0.8, 'candidates')).toBe(2)
    expect(keep(0.5, 'vocabulary')).toBe(2)
    expect(keep(0.5, 'candidates')).toBe(1)
  })

  test('always leave the likeliest', () => {
    const scores = Float64Array.from([-1, -50])
    expect(topKTopPMinP(scores, { temperature: 0.1, topK: 1, topP: 1e-300, minP: 1 })).toBe(1)
  })
})
