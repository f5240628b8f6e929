import { describe, expect, test } from 'vitest'
import type { SteeredText } from '../../../src/evaluation/likelihood/steered-text.ts'
import { changesChoice, meanNats } from '../../../src/evaluation/likelihood/steering-rule.ts'

const [half, third, rest] = [Math.log(0.5), Math.log(0.3), Math.log(0.2)]
const plain = { strength: 0, sharpness: 1, tailBias: 0 }

function oneToken(real: number, withinTail = 0): SteeredText {
  const base = Float64Array.of(half, third, rest)
  const delta = Float64Array.of(0, Math.log(3), 0)
  return { candidates: 2, positions: [{ base, delta, real, withinTail }] }
}

describe('the likelihood under a rule', () => {
  test("is the upstream's own without strength, temperature and bias", () => {
    expect(meanNats(oneToken(0), plain)).toBeCloseTo(-half, 12)
    expect(meanNats(oneToken(2, Math.log(0.1)), plain)).toBeCloseTo(-Math.log(0.02), 12)
  })

  test('weighs candidates by what the profile makes of them', () => {
    expect(meanNats(oneToken(1), { ...plain, strength: 1 })).toBeCloseTo(-Math.log(0.9 / 1.6), 12)
    expect(meanNats(oneToken(1), { ...plain, strength: 1 }, 0)).toBeCloseTo(-third, 12)
  })

  test('flattens with sharpness, and moves mass to the tail with the bias', () => {
    const flat = Math.sqrt(0.5) + Math.sqrt(0.3) + Math.sqrt(0.2)
    expect(meanNats(oneToken(0), { ...plain, sharpness: 0.5 })).toBeCloseTo(
      -Math.log(Math.sqrt(0.5) / flat),
      12,
    )
    expect(meanNats(oneToken(2), { ...plain, tailBias: Math.log(4) })).toBeCloseTo(-Math.log(0.8 / 1.6), 12)
  })

  test('tells whether the likeliest candidate is another one, the tail never', () => {
    const [position] = oneToken(0).positions
    if (position === undefined) throw new Error('no position')
    expect(changesChoice(position, 0.4)).toBe(false)
    expect(changesChoice(position, 0.5)).toBe(true)
    expect(changesChoice({ ...position, delta: Float64Array.of(0, 0, 9) }, 1)).toBe(false)
  })
})
