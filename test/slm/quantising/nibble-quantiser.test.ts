import fc from 'fast-check'
import { expect, test } from 'vitest'
import { QUANTISED_BLOCK } from '../../../src/slm/quantising/block-quantiser.ts'
import { dequantiseNibbles, quantiseToNibbles } from '../../../src/slm/quantising/nibble-quantiser.ts'

/** Three blocks: the zero points of a row end within a byte. */
const INPUTS = 3 * QUANTISED_BLOCK

function met(values: Float32Array): Float32Array {
  return dequantiseNibbles(quantiseToNibbles(values, INPUTS), INPUTS)
}

function levels(low: number, high: number) {
  return fc.array(fc.integer({ min: low, max: high }), { minLength: 2 * INPUTS, maxLength: 2 * INPUTS })
}

/** Differences as a share of the block's largest magnitude. */
function largestError(values: Float32Array): number {
  const found = met(values)
  let largest = 0
  for (let start = 0; start < values.length; start += QUANTISED_BLOCK) {
    const block = values.subarray(start, start + QUANTISED_BLOCK)
    const magnitude = Math.max(...block.map(Math.abs))
    for (const [index, value] of block.entries())
      if (magnitude > 0)
        largest = Math.max(largest, Math.abs(value - (found[start + index] ?? 0)) / magnitude)
  }
  return largest
}

test.each([
  ['symmetric', -8, 7],
  ['mirrored', -7, 8],
])('%s 4-bit blocks are met exactly', (_, low, high) => {
  const scale = fc.integer({ min: 1, max: 60_000 }).map((steps) => steps * 2 ** -20)
  fc.assert(
    fc.property(scale, levels(low, high), (step, found) => {
      // The files' own scale is set by the largest magnitude, which is always present
      const extreme = low === -8 ? low : high
      const values = Float32Array.from(found, (level, at) => step * (at % QUANTISED_BLOCK ? level : extreme))
      expect(largestError(values)).toBeLessThan(1e-6)
    }),
  )
})

test('no block is met worse than by the plain grid over its range', () => {
  const values = fc.float32Array({ minLength: 192, maxLength: 192, noNaN: true, min: -100, max: 100 })
  fc.assert(
    fc.property(values, (rows) => {
      const found = met(rows)
      for (let start = 0; start < rows.length; start += QUANTISED_BLOCK) {
        const block = rows.subarray(start, start + QUANTISED_BLOCK)
        const squares = (grid: (value: number, index: number) => number) =>
          block.reduce((sum, value, index) => sum + (value - grid(value, index)) ** 2, 0)
        const low = Math.min(0, ...block)
        const step = (Math.max(0, ...block) - low) / 15 || 1
        const zero = Math.floor(-low / step)
        const plain = squares(
          (value) => step * (Math.max(0, Math.min(15, Math.floor(value / step + zero + 0.5))) - zero),
        )
        const own = squares((_, index) => found[start + index] ?? 0)
        expect(own).toBeLessThanOrEqual(plain * (1 + 1e-5) + 1e-9)
      }
    }),
  )
})

test('zeros stay zeros', () => {
  expect(met(new Float32Array(INPUTS))).toEqual(new Float32Array(INPUTS))
})

test('weights that are no numbers are refused', () => {
  const values = new Float32Array(INPUTS).fill(1)
  values[5] = Number.NaN
  expect(() => quantiseToNibbles(values, INPUTS)).toThrow(RangeError)
})
