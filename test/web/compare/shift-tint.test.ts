import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isMoved } from '../../../src/proxy/openai/moved-token.ts'
import { shiftTint } from '../../../web/compare/shift-tint.ts'
import { tokenTrace } from '../token-trace.ts'

test('no shift, or one away from the token, gives no colour', () => {
  expect([0, -3, Number.NaN].map(shiftTint)).toEqual([0, 0, 0])
})

test('the colour grows with the shift, from a visible one to the full one', () => {
  const shift = fc.double({ min: 0.02, max: 40, noNaN: true })
  fc.assert(
    fc.property(shift, shift, (a, b) => {
      expect(shiftTint(a)).toBeGreaterThan(0.2)
      expect(shiftTint(a)).toBeLessThanOrEqual(1)
      if (a < b) expect(shiftTint(a)).toBeLessThanOrEqual(shiftTint(b))
    }),
  )
})

test('a token counts as changed when the upstream wanted another and the profile spoke for it', () => {
  const upstream = [{ id: 9, text: ' x', logprob: -0.1 }]
  expect(isMoved(tokenTrace(' a', { shift: 2, upstream }))).toBe(true)
  expect(isMoved(tokenTrace(' a', { shift: -2, upstream }))).toBe(false)
  expect(isMoved(tokenTrace(' a'))).toBe(false)
})
