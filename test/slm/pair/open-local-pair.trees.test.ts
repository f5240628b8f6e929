import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { KeyValueCache } from '../../../src/slm/cache/key-value-cache.ts'
import { DecoderSession } from '../../../src/slm/decoder/decoder-session.ts'
import { type Engine, startEngine } from '../../../src/slm/engine/engine.ts'
import { openLocalPair } from '../../../src/slm/pair/open-local-pair.ts'
import { tokenIds } from '../../../src/steer/token-id.ts'
import { prepareTiny, someTokens, tinyShapes } from '../tiny-model.ts'
import { treesBesideChains, treeWishes } from './trees-beside-chains.ts'

const engine: Engine = startEngine({ threads: 2 })
afterAll(() => engine.close())

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
    await fc.assert(fc.asyncProperty(treeWishes, treesBesideChains(continuation, plain)), { numRuns: 15 })
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
