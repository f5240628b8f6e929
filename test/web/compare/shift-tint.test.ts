import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shiftTint } from '../../../web/compare/shift-tint.ts'

test('what the profile did not change gets no colour', () => {
  expect(shiftTint(null)).toBe(0)
})

test('the colour of a change grows with the shift, from a visible one to the full one', () => {
  const shift = fc.double({ min: -1, max: 40, noNaN: true })
  fc.assert(
    fc.property(shift, shift, (a, b) => {
      expect(shiftTint(a)).toBeGreaterThan(0.2)
      expect(shiftTint(a)).toBeLessThanOrEqual(1)
      if (a < b) expect(shiftTint(a)).toBeLessThanOrEqual(shiftTint(b))
    }),
  )
})
