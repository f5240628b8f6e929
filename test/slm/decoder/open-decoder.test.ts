import { expect, test } from 'vitest'
import { KeyValueCache } from '../../../src/slm/cache/key-value-cache.ts'
import { openPairDecoder } from '../../../src/slm/decoder/open-decoder.ts'
import { prepareTiny, someTokens, tinyShapes } from '../tiny-model.ts'

test('where the graph of several pairs cannot be loaded, their steps are computed one by one', async () => {
  const { graph, remove } = await prepareTiny(tinyShapes['llama, 3 queries a key, tied head'])
  const broken = { ...graph, graphPaths: { ...graph.graphPaths, pairs: '/nowhere/pairs.onnx' } }
  const [whole, other] = await Promise.all(
    [graph, broken].map((own) => openPairDecoder({ graph: own, threads: 2 })),
  )
  const steps = () =>
    [1, 2, 3].map((seed) => ({
      streams: [0, 1].map((stream) => ({
        cache: new KeyValueCache(graph.shape),
        tokens: someTokens(5, 10 * seed + stream),
      })),
      strength: seed,
    }))
  const deltas = (rows: readonly { rows: { delta: Float32Array } }[] | undefined) =>
    rows?.map(({ rows: { delta } }) => delta)
  const expected = deltas(await whole?.runTogether?.(steps()))
  expect(expected).toHaveLength(3)
  expect(deltas(await other?.runTogether?.(steps()))).toEqual(expected)
  await Promise.all([whole, other].map((decoder) => decoder?.release()))
  await remove()
})
