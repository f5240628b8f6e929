import fc from 'fast-check'
import { expect, test } from 'vitest'
import { QUANTISED_BLOCK } from '../../../src/slm/quantising/block-quantiser.ts'
import { dequantiseExact, exactNibbles } from '../../../src/slm/quantising/exact-nibbles.ts'

/** Two rows of three blocks, so that rows and blocks cannot be taken for each other. */
const INPUTS = 3 * QUANTISED_BLOCK
const BLOCKS = 6

const half = fc.integer({ min: 1, max: 60_000 }).map((steps) => steps * 2 ** -20)
const levels = fc.array(fc.integer({ min: 0, max: 15 }), {
  minLength: QUANTISED_BLOCK,
  maxLength: QUANTISED_BLOCK,
})
function matrix(block: fc.Arbitrary<readonly number[]>): fc.Arbitrary<Float32Array> {
  return fc
    .array(block, { minLength: BLOCKS, maxLength: BLOCKS })
    .map((blocks) => Float32Array.from(blocks.flat()))
}

const withMinimum = matrix(
  fc.tuple(half, half, levels).map(([scale, low, own]) => own.map((level) => scale * level - 4 * low)),
)
const symmetric = matrix(
  fc.tuple(half, levels).map(([scale, own]) => own.map((level) => scale * (level - 8))),
)

test('rows with a scale and a minimum for each block are met but for rounding', () => {
  fc.assert(fc.property(withMinimum, expectMet))
})

test('rows with a scale alone are met, and need no offsets', () => {
  fc.assert(
    fc.property(symmetric, (values) => {
      // A block of one value only lies on no grid through zero
      fc.pre(blocksOf(values).every((block) => new Set(block).size > 1))
      expectMet(values)
      expect(exactNibbles(values, INPUTS)?.offsets).toBeNull()
    }),
  )
})

test('one value off the grid, and there are no such rows', () => {
  fc.assert(
    fc.property(withMinimum, fc.nat({ max: BLOCKS - 1 }), (values, at) => {
      const block = blocksOf(values)[at] ?? []
      const [low, high] = [Math.min(...block), Math.max(...block)]
      fc.pre(high > low)
      // Between any two levels that all the others allow
      const off = values.slice()
      off.set(
        Array.from({ length: QUANTISED_BLOCK }, (_, index) => low + (high - low) * Math.sqrt(index / 31)),
        at * QUANTISED_BLOCK,
      )
      expect(exactNibbles(off, INPUTS)).toBeNull()
    }),
  )
})

test.each([Number.NaN, Number.POSITIVE_INFINITY])('%s lies on no grid', (value) => {
  const values = new Float32Array(INPUTS).fill(value, 0, 1)
  expect(exactNibbles(values, INPUTS)).toBeNull()
})

test('a block of zeros stays zero', () => {
  const rows = exactNibbles(new Float32Array(INPUTS), INPUTS)
  expect(rows?.offsets).toBeNull()
  expect(rows && dequantiseExact(rows, INPUTS)).toEqual(new Float32Array(INPUTS))
})

function expectMet(values: Float32Array): void {
  const rows = exactNibbles(values, INPUTS)
  const met = rows && dequantiseExact(rows, INPUTS)
  const largest = Math.max(...values.map(Math.abs))
  for (const [index, value] of values.entries())
    expect(Math.abs((met?.[index] ?? Number.NaN) - value)).toBeLessThanOrEqual(largest * 1e-4)
}

function blocksOf(values: Float32Array): number[][] {
  return Array.from({ length: values.length / QUANTISED_BLOCK }, (_, block) => [
    ...values.subarray(block * QUANTISED_BLOCK, (block + 1) * QUANTISED_BLOCK),
  ])
}
