import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, startEngine } from '../../../src/slm/engine/engine.ts'
import { openLocalPair } from '../../../src/slm/pair/open-local-pair.ts'
import { openTokenScorer } from '../../../src/slm/scorer/token-scorer.ts'
import type { LocalPair, LocalRow } from '../../../src/steer/local-pair.ts'
import { tokenIds } from '../../../src/steer/token-id.ts'
import { deltasOf, treesBesideChains, treeWishes } from '../pair/trees-beside-chains.ts'
import { someTokens } from '../tiny-model.ts'
import { type PreparedFamily, prepareFamily } from './prepared-family.ts'
import { tinyFamilies, VOCABULARY_SIZE } from './tiny-families.ts'

const engine: Engine = startEngine({ threads: 2 })
/** Where no pair runs. */
const other: Engine = startEngine({ threads: 2 })
afterAll(() => Promise.all([engine.close(), other.close()]))

/** Streams of different lengths, both beyond the windows of the tiny families. */
function prompts() {
  return { with: tokenIds(someTokens(124, 1)), without: tokenIds(someTokens(90, 2)) }
}

function open(pair: LocalPair) {
  return pair.open({ ...prompts(), strength: 1, signal: new AbortController().signal })
}

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
    await fc.assert(fc.asyncProperty(treeWishes, treesBesideChains(continuation, plain)), { numRuns: 5 })
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

  test('gives answers that are asked for at once the bits of each by itself', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => open(pair)))
    const fed = answers.map((answer, at) => answer.feed(answer.root, tokenIds(someTokens(3, 20 + at))))
    const [together, alone] = [await Promise.all(fed), await open(pair)]
    for (const [at, rows] of together.entries()) {
      const own = await alone.feed(alone.root, tokenIds(someTokens(3, 20 + at)))
      expect(rows.map(deltasOf)).toEqual(own.map(deltasOf))
    }
    for (const answer of [...answers, alone]) answer.close()
  })

  test('gives prompts out of the prefix cache the bits of computed ones', async () => {
    const graph = await prepared.prepare(bits)
    const cold = await openLocalPair({ engine, graph, cacheBytes: 0 })
    const [first, warm] = [await open(cold), await open(pair)]
    expect(deltasOf(warm.root)).toEqual(deltasOf(first.root))
    await cold.close()
  })
})
