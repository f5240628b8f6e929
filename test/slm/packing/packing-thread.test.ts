import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { packedBlobs } from '../../../src/slm/packing/packed-blobs.ts'
import { packInThread } from '../../../src/slm/packing/packing-thread.ts'
import { prepareTiny, tinyShapes } from '../tiny-model.ts'

test('a thread of its own packs the weights, or says that it failed', async () => {
  const { graph, remove } = await prepareTiny(tinyShapes['qwen2, 7 queries a key, bias'])
  const graphFile = () => readFile(graph.graphPaths.pair)
  expect(packedBlobs(await graphFile(), await graphFile()).size).toBe(0)
  await packInThread(graph)
  expect(packedBlobs(await graphFile(), await graphFile()).size).toBe(9)
  await remove()
  await expect(packInThread(graph)).rejects.toThrow('ENOENT')
})
