import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergeSymbols } from '../../../src/slm/encoding/merge-symbols.ts'
import { createMergeTable, type Merge } from '../../../src/slm/encoding/merge-table.ts'

/**
 * The definition of byte pair encoding: the lowest rank first, the leftmost among equals, again from the
 * beginning each time.
 */
function mergedByDefinition(symbols: readonly number[], merges: readonly Merge[]): number[] {
  const now = [...symbols]
  const mergeAt = (at: number) =>
    merges.findLast(({ left, right }) => left === now[at] && right === now[at + 1])
  for (;;) {
    const ranks = now.map((_, at) => mergeAt(at)?.rank ?? Number.POSITIVE_INFINITY)
    const best = ranks.indexOf(Math.min(...ranks))
    const merge = mergeAt(best)
    if (merge === undefined) return now
    now.splice(best, 2, merge.result)
  }
}

/** Also merges in an order of no training, of equal rank, or that lead back to symbols that merge earlier. */
const merge = fc.record({
  left: fc.nat(5),
  right: fc.nat(5),
  result: fc.integer({ min: 3, max: 12 }),
  rank: fc.nat(8),
})
const symbol = fc.integer({ min: -1, max: 4 })

test.each([
  ['few symbols', { maxLength: 32 }],
  ['many symbols', { minLength: 33, maxLength: 160 }],
])('%s merge as the definition says, whatever the merges are', (_, length) => {
  fc.assert(
    fc.property(fc.array(merge, { maxLength: 12 }), fc.array(symbol, length), (merges, symbols) => {
      const merged = Int32Array.from(symbols)
      const left = mergeSymbols(merged, merged.length, createMergeTable(merges))
      expect(Array.from(merged.subarray(0, left))).toEqual(mergedByDefinition(symbols, merges))
    }),
    { numRuns: 500 },
  )
})
