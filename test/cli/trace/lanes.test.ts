import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lanesOf } from '../../../src/cli/trace/lanes.ts'

test('extents that overlap have a lane each, and no more than the most at once', () => {
  const extents = fc.array(
    fc.record({ from: fc.integer({ min: 0, max: 30 }), length: fc.integer({ min: 1, max: 10 }) }),
    { maxLength: 30 },
  )
  fc.assert(
    fc.property(extents, (drawn) => {
      const sorted = drawn
        .map(({ from, length }) => ({ from, to: from + length }))
        .sort((a, b) => a.from - b.from)
      const lanes = lanesOf(sorted)
      for (const [i, a] of sorted.entries()) {
        for (const [j, b] of sorted.entries()) {
          if (i < j && lanes[i] === lanes[j]) expect(b.from).toBeGreaterThanOrEqual(a.to)
        }
      }
      const most = Math.max(
        0,
        ...sorted.map(({ from }) => sorted.filter((other) => other.from <= from && from < other.to).length),
      )
      expect(new Set(lanes).size).toBe(most)
    }),
  )
})
