import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dequantiseRows, QUANTISED_BLOCK, quantiseRows } from '../../../src/slm/quantising/block-quantiser.ts'

const half = fc.integer({ min: 1, max: 60_000 }).map((steps) => steps * 2 ** -20)
function block(low: number, high: number) {
  return fc.array(fc.integer({ min: low, max: high }), {
    minLength: QUANTISED_BLOCK,
    maxLength: QUANTISED_BLOCK,
  })
}

test.each([
  ['8-bit symmetric', -127, 127],
  ['5-bit symmetric', -16, 15],
  ['4-bit symmetric', -8, 7],
])('%s blocks are met exactly', (_, low, high) => {
  fc.assert(
    fc.property(half, block(low, high), fc.boolean(), (scale, levels, negated) => {
      // The files' own scale is set by the largest magnitude, which is always present
      const extreme = low === -127 ? high : low
      const values = Float32Array.from(
        [extreme, ...levels.slice(1)],
        (level) => level * (negated ? -scale : scale),
      )
      expect(dequantiseRows(quantiseRows(values))).toEqual(values.map((value) => value + 0))
    }),
  )
})

test('any block is met to half a step of 1/210 of its range', () => {
  const values = fc.float32Array({ minLength: 64, maxLength: 64, noNaN: true, min: -100, max: 100 })
  fc.assert(
    fc.property(values, (rows) => {
      const met = dequantiseRows(quantiseRows(rows))
      for (let start = 0; start < rows.length; start += QUANTISED_BLOCK) {
        const part = rows.subarray(start, start + QUANTISED_BLOCK)
        const range = Math.max(0, ...part) - Math.min(0, ...part)
        const squares = part.reduce((sum, value, index) => sum + (value - (met[start + index] ?? 0)) ** 2, 0)
        expect(Math.sqrt(squares / QUANTISED_BLOCK)).toBeLessThanOrEqual(range / 210 + 1e-30)
      }
    }),
  )
})

test('a block of zeros stays zero', () => {
  expect(dequantiseRows(quantiseRows(new Float32Array(32)))).toEqual(new Float32Array(32))
})
