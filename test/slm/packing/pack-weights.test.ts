import { createHash } from 'node:crypto'
import { cp, readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KeyValueCache } from '../../../src/slm/cache/key-value-cache.ts'
import { DecoderSession } from '../../../src/slm/decoder/decoder-session.ts'
import type { DecoderKind } from '../../../src/slm/graph/decoder-graph.ts'
import type { BuiltGraph } from '../../../src/slm/graph/model-graph.ts'
import { packWeights } from '../../../src/slm/packing/pack-weights.ts'
import { packedBlobs } from '../../../src/slm/packing/packed-blobs.ts'
import { prepareTiny, someTokens, tinyShapes, tinyWeights } from '../tiny-model.ts'

/** The same graph in a folder of its own. */
async function copied(graph: BuiltGraph, name: string): Promise<BuiltGraph> {
  const folder = `${dirname(graph.graphPaths.pair)}-${name}`
  await cp(dirname(graph.graphPaths.pair), folder, { recursive: true })
  const path = (kind: DecoderKind) => join(folder, `${kind}.onnx`)
  return { ...graph, graphPaths: { pair: path('pair'), pairs: path('pairs'), logits: path('logits') } }
}

/** Of each file its size and a hash of its beginning. */
async function contents(graph: BuiltGraph, beginnings: Record<string, { size: number }> = {}) {
  const folder = dirname(graph.graphPaths.pair)
  const files: Record<string, { size: number; hash: string }> = {}
  for (const name of (await readdir(folder)).sort()) {
    const bytes = await readFile(join(folder, name))
    const beginning = bytes.subarray(0, beginnings[name]?.size)
    files[name] = { size: bytes.length, hash: createHash('sha256').update(beginning).digest('hex') }
  }
  return files
}

/** All outputs of a step, with one stream or two. */
async function outputs(graph: BuiltGraph, kind: DecoderKind) {
  const session = await DecoderSession.create(graph, { kind, threads: 2 })
  const streams = Array.from({ length: kind === 'pair' ? 2 : 1 }, (_, stream) => {
    return { cache: new KeyValueCache(graph.shape), tokens: someTokens(7, stream) }
  })
  const tensors = await session.run({ streams, headRows: [0, 3, 6], strength: 1.5 })
  const values = Object.entries(tensors).map(([name, { data }]) => [name, Array.from(data as Float32Array)])
  await session.release()
  return Object.fromEntries(values)
}

const forms = [
  { bits: 8, onGrids: false, form: '8 bits' },
  { bits: 4, onGrids: false, form: '4 bits' },
  { bits: 8, onGrids: true, form: 'grids of 4 bits' },
] as const
const cases = Object.entries(tinyShapes).flatMap(([name, shape]) =>
  forms.map((form) => ({ name, shape, ...form })),
)

describe.each(cases)('$name with $form', ({ shape, bits, onGrids }) => {
  let plain: BuiltGraph
  let packed: BuiltGraph
  let remove: () => Promise<void>

  beforeAll(async () => {
    const prepared = await prepareTiny(shape, bits, tinyWeights(shape, { onGrids }))
    remove = prepared.remove
    plain = prepared.graph
    packed = await copied(plain, 'packed')
    await packWeights(packed)
  })
  afterAll(() => remove())

  test.each(['pair', 'logits'] as const)('packed weights give the same bits, %s', async (kind) => {
    expect(await outputs(packed, kind)).toEqual(await outputs(plain, kind))
  })

  test('both graphs say where the packed form of every matrix lies, each at the start of a page', async () => {
    const { size } = await stat(join(dirname(packed.graphPaths.pair), 'weights.bin'))
    const matrices = 4 * shape.layers + 1
    const ofKind = async (path: string) => packedBlobs(await readFile(path), await readFile(path))
    const [pair, logits] = [await ofKind(packed.graphPaths.pair), await ofKind(packed.graphPaths.logits)]
    // Offsets of blocks are matrices as well, of which some are packed
    if (onGrids) expect(pair.size).toBeGreaterThan(matrices)
    else expect(pair.size).toBe(matrices)
    expect(logits).toEqual(pair)
    for (const { parts } of pair.values())
      for (const { offset, length } of parts) {
        expect(offset % 4096).toBe(0)
        expect(offset + length).toBeLessThanOrEqual(size)
      }
  })
})

test('packing leaves nothing else behind, and what was there before as it was', async () => {
  const { graph, remove } = await prepareTiny(tinyShapes['llama, 3 queries a key, tied head'])
  const before = await contents(graph)
  await packWeights(graph)
  const after = await contents(graph, before)
  expect(Object.keys(after)).toEqual(Object.keys(before))
  expect(after['weights.bin']?.hash).toBe(before['weights.bin']?.hash)
  expect(after['weights.bin']?.size).toBeGreaterThan(before['weights.bin']?.size ?? 0)
  await remove()
})

test('graphs that cannot be packed stay as they were', async () => {
  const { graph, remove } = await prepareTiny(tinyShapes['llama, 3 queries a key, tied head'])
  const broken = { ...graph, shape: { ...graph.shape, headDim: graph.shape.headDim * 2 } }
  const before = await contents(graph)
  await expect(packWeights(broken)).rejects.toThrow()
  expect(await contents(graph)).toEqual(before)
  await remove()
})

test('a session that has stored no packed form has none', async () => {
  const { graph, remove } = await prepareTiny(tinyShapes['llama, 3 queries a key, tied head'])
  const plain = await readFile(graph.graphPaths.pair)
  expect(packedBlobs(plain, plain)).toEqual(new Map())
  await remove()
})
