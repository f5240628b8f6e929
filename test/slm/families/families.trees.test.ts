import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, startEngine } from '../../../src/slm/engine/engine.ts'
import { openLocalPair } from '../../../src/slm/pair/open-local-pair.ts'
import { openTokenScorer } from '../../../src/slm/scorer/token-scorer.ts'
import type { LocalPair, LocalRow, TreeToken } from '../../../src/steer/local-pair.ts'
import { type TokenId, tokenId, tokenIds } from '../../../src/steer/token-id.ts'
import { someTokens } from '../tiny-model.ts'
import { type PreparedFamily, prepareFamily } from './prepared-family.ts'
import { tinyFamilies, VOCABULARY_SIZE } from './tiny-families.ts'

const engine: Engine = startEngine({ threads: 2 })
/** Where no pair runs. */
const other: Engine = startEngine({ threads: 2 })
afterAll(() => Promise.all([engine.close(), other.close()]))

const everyId = Int32Array.from({ length: VOCABULARY_SIZE }, (_, id) => id)

function deltas(row: LocalRow | undefined): Float64Array {
  const values = new Float64Array(everyId.length)
  row?.deltasInto(everyId, values)
  return values
}

/** Streams of different lengths, both beyond the windows of the tiny families. */
function prompts() {
  return { with: tokenIds(someTokens(124, 1)), without: tokenIds(someTokens(90, 2)) }
}

function open(pair: LocalPair) {
  return pair.open({ ...prompts(), strength: 1, signal: new AbortController().signal })
}

const wishes = fc.array(
  fc.record({ inside: fc.boolean(), choice: fc.nat(), token: fc.integer({ min: 0, max: 300 }) }),
  { minLength: 1, maxLength: 14 },
)

const cases = Object.entries(tinyFamilies).flatMap(([name, family]) =>
  ([8, 4] as const).map((bits) => ({ name, family, bits })),
)

describe.each(cases)('a pair of $name with $bits bits', ({ family, bits }) => {
  let prepared: PreparedFamily
  let pair: LocalPair

  beforeAll(async () => {
    prepared = await prepareFamily(family)
    pair = await openLocalPair({ engine, graph: await prepared.prepare(bits), cacheBytes: 2 ** 26 })
  })
  afterAll(async () => {
    await pair.close()
    await prepared.remove()
  })

  test('gives each token of a tree the bits of the chain along its path', async () => {
    const continuation = await open(pair)
    const plain = await open(pair)
    const paths = new Map<LocalRow, TokenId[]>([[continuation.root, []]])
    await fc.assert(
      fc.asyncProperty(wishes, async (wanted) => {
        const known = [...paths.keys()]
        const tree = wanted.map(({ inside, choice, token }, index): TreeToken => {
          const computed = known[choice % known.length] ?? continuation.root
          return { parent: inside && index > 0 ? choice % index : computed, token: tokenId(token) }
        })
        const rows = await continuation.feedTree(tree)
        for (const [index, { parent, token }] of tree.entries()) {
          const row = rows[index] as LocalRow
          const before = typeof parent === 'number' ? rows[parent] : parent
          const path = [...(paths.get(before as LocalRow) ?? []), token]
          paths.set(row, path)
          expect(deltas(row)).toEqual(deltas((await plain.feed(plain.root, path)).at(-1)))
        }
      }),
      { numRuns: 5 },
    )
  })

  test('tells a scorer of the same model, of what follows its public stream, the bits that it would compute', async () => {
    const graph = await prepared.prepare(bits)
    const alone = await openTokenScorer({ engine: other, graph, endTokens: [] })
    const beside = await openTokenScorer({ engine, graph, endTokens: [] })
    const continuation = await open(pair)
    const chain = tokenIds(someTokens(3, 7))
    const branch = tokenIds(someTokens(2, 8))
    const [row] = await continuation.feed(continuation.root, chain)
    await continuation.feedTree(branch.map((token) => ({ parent: row as LocalRow, token })))
    const { without } = prompts()
    const prefixes = [
      without,
      [...without, ...chain],
      ...branch.map((token) => [...without, ...chain.slice(0, 1), token]),
    ]
    const query = { prefixes, candidates: VOCABULARY_SIZE, signal: new AbortController().signal }
    expect(await beside.distributions(query)).toEqual(await alone.distributions(query))
    continuation.close()
    await Promise.all([alone.close(), beside.close()])
  })

  test('gives prompts out of the prefix cache the bits of computed ones', async () => {
    const graph = await prepared.prepare(bits)
    const cold = await openLocalPair({ engine, graph, cacheBytes: 0 })
    const [first, warm] = [await open(cold), await open(pair)]
    expect(deltas(warm.root)).toEqual(deltas(first.root))
    await cold.close()
  })
})
