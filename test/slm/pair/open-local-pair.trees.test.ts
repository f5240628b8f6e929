import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { KeyValueCache } from '../../../src/slm/cache/key-value-cache.ts'
import { DecoderSession } from '../../../src/slm/decoder/decoder-session.ts'
import { type Engine, startEngine } from '../../../src/slm/engine/engine.ts'
import { openLocalPair } from '../../../src/slm/pair/open-local-pair.ts'
import type { LocalRow, TreeToken } from '../../../src/steer/local-pair.ts'
import { type TokenId, tokenId, tokenIds } from '../../../src/steer/token-id.ts'
import { prepareTiny, someTokens, tinyShapes } from '../tiny-model.ts'

const engine: Engine = startEngine({ threads: 2 })
afterAll(() => engine.close())

function deltas(row: LocalRow | undefined): Float64Array {
  const ids = Int32Array.from({ length: 301 }, (_, id) => id)
  const values = new Float64Array(ids.length)
  row?.deltasInto(ids, values)
  return values
}

const token = fc.integer({ min: 0, max: 300 })
const wishes = fc.array(fc.record({ inside: fc.boolean(), choice: fc.nat(), token }), {
  minLength: 1,
  maxLength: 14,
})

describe.each(Object.entries(tinyShapes))('a tree fed at once: %s', (_, shape) => {
  test('gives each token the bits of the chain along its path', async () => {
    const { graph, remove } = await prepareTiny(shape)
    const pair = await openLocalPair({ engine, graph, cacheBytes: 0 })
    const { signal } = new AbortController()
    const open = () =>
      pair.open({
        with: tokenIds(someTokens(60, 1)),
        without: tokenIds(someTokens(25, 2)),
        strength: 1,
        signal,
      })
    const continuation = await open()
    const plain = await open()
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
          const row = rows[index]
          const before = paths.get(typeof parent === 'number' ? (rows[parent] ?? continuation.root) : parent)
          if (!row || !before) throw new Error('no row')
          const path = [...before, token]
          paths.set(row, path)
          expect(row.depth).toBe(path.length)
          expect(deltas(row)).toEqual(deltas((await plain.feed(plain.root, path)).at(-1)))
        }
      }),
      { numRuns: 15 },
    )
    await pair.close()
    await remove()
  })
})

test('one pass is enough for branches within a window', async () => {
  const { graph, remove } = await prepareTiny(tinyShapes['llama, 3 queries a key, tied head'])
  const session = await DecoderSession.create(graph, { kind: 'pair', threads: 1 })
  const caches = [new KeyValueCache(graph.shape), new KeyValueCache(graph.shape)]
  const prompt = someTokens(20)
  await session.run({ streams: caches.map((cache) => ({ cache, tokens: prompt })) })
  const { outputs, newRows } = await session.runTree({
    streams: caches.map((cache) => ({ cache, shared: 20 })),
    parents: Int32Array.of(-1, -1, 0, 0, 1, 4),
    tokens: Int32Array.of(1, 2, 3, 4, 5, 6),
    strength: 1,
    publicLogits: false,
  })
  expect(outputs.delta?.dims).toEqual([1, 6, 301])
  expect(newRows.count).toBe(12)
  expect(caches.map(({ length }) => length)).toEqual([20, 20])
  await session.release()
  await remove()
})
