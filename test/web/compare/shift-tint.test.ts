import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shiftTint } from '../../../web/compare/shift-tint.ts'
import { tokenTrace } from '../token-trace.ts'

const unsteered = { id: 9, text: ' x' }
function tintOf(shift: number) {
  return shiftTint(tokenTrace(' a', { unsteered, shift }))
}

test('a token that would stand there without the profile, too, gets no colour', () => {
  expect(shiftTint(tokenTrace(' a', { shift: 3 }))).toBe(0)
})

test('the colour of a changed token grows with the shift, from a visible one to the full one', () => {
  const shift = fc.double({ min: -1, max: 40, noNaN: true })
  fc.assert(
    fc.property(shift, shift, (a, b) => {
      expect(tintOf(a)).toBeGreaterThan(0.2)
      expect(tintOf(a)).toBeLessThanOrEqual(1)
      if (a < b) expect(tintOf(a)).toBeLessThanOrEqual(tintOf(b))
    }),
  )
})
