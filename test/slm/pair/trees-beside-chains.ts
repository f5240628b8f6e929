import fc from 'fast-check'
import { expect } from 'vitest'
import type { LocalContinuation, LocalRow, TreeToken } from '../../../src/steer/local-pair.ts'
import { type TokenId, tokenId } from '../../../src/steer/token-id.ts'

/** Of the tiny models. */
const everyId = Int32Array.from({ length: 301 }, (_, id) => id)

/** A row's deltas of the whole vocabulary, nats; zeros of no row. */
export function deltasOf(row: LocalRow | undefined): Float64Array {
  const values = new Float64Array(everyId.length)
  row?.deltasInto(everyId, values)
  return values
}

/** Where each token of a tree is to hang: inside the tree, or below what was fed before. */
export const treeWishes = fc.array(
  fc.record({ inside: fc.boolean(), choice: fc.nat(), token: fc.integer({ min: 0, max: 300 }) }),
  { minLength: 1, maxLength: 14 },
)
type TreeWishes = typeof treeWishes extends fc.Arbitrary<infer Wishes> ? Wishes : never

/**
 * Feeds trees, one after another, to `fed`, and expects of each row the bits that the chain along its path
 * has in `plain`, which began with the same prompts.
 */
export function treesBesideChains(
  fed: LocalContinuation,
  plain: LocalContinuation,
): (wanted: TreeWishes) => Promise<void> {
  const paths = new Map<LocalRow, readonly TokenId[]>([[fed.root, []]])
  return async (wanted) => {
    const known = [...paths.keys()]
    const tree = wanted.map(({ inside, choice, token }, index): TreeToken => {
      const computed = known[choice % known.length] ?? fed.root
      return { parent: inside && index > 0 ? choice % index : computed, token: tokenId(token) }
    })
    const rows = await fed.feedTree(tree)
    for (const [index, { parent, token }] of tree.entries()) {
      const row = rows[index]
      const before = paths.get(typeof parent === 'number' ? (rows[parent] ?? fed.root) : parent)
      if (!row || !before) throw new Error('no row')
      const path = [...before, token]
      paths.set(row, path)
      expect(row.depth).toBe(path.length)
      expect(deltasOf(row)).toEqual(deltasOf((await plain.feed(plain.root, path)).at(-1)))
    }
  }
}
