import fc from 'fast-check'
import { expect, test } from 'vitest'
import { advisedStrength } from '../../../../web/compare/reasons/advised-strength.ts'

const noticed = { strength: 1.3, isTooStrong: false, words: 50, changed: 10 }

test('an answer that has the profile’s part needs no other strength', () => {
  expect(advisedStrength(noticed)).toBeNull()
  expect(advisedStrength({ ...noticed, words: 0, changed: 0 })).toBeNull()
})

test('less is advised where it was too much, however few words changed', () => {
  expect(advisedStrength({ ...noticed, isTooStrong: true })).toBe(0.9)
  expect(advisedStrength({ ...noticed, isTooStrong: true, changed: 0 })).toBe(0.9)
})

test('more is advised where the profile is barely noticed, unless it was told not to count', () => {
  expect(advisedStrength({ ...noticed, changed: 3 })).toBe(1.75)
  expect(advisedStrength({ ...noticed, strength: 3, changed: 3 })).toBeNull()
  expect(advisedStrength({ ...noticed, strength: 0, changed: 0 })).toBeNull()
})

test('what is advised goes the way that was wanted, within what can be set', () => {
  const strength = fc.double({ min: 0, max: 20, noNaN: true })
  fc.assert(
    fc.property(strength, fc.boolean(), (strength, isTooStrong) => {
      const next = advisedStrength({ strength, isTooStrong, words: 50, changed: 0 })
      if (next === null) return
      expect(next).toBeGreaterThan(0)
      expect(next).toBeLessThanOrEqual(3)
      expect(isTooStrong ? next < strength : next > strength).toBe(true)
    }),
  )
})
