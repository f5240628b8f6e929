import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { BuiltGraph } from '../../../src/slm/graph/model-graph.ts'
import { prepareGraph } from '../../../src/slm/graph/prepare-graph.ts'
import { tinyShapes, tinyWeights } from '../tiny-model.ts'

const shape = tinyShapes['qwen2, 2 queries a key, own head']
let parent: string
let folder: string
let opened = 0

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'prepare-graph-'))
  folder = join(parent, 'graph')
  opened = 0
})
afterEach(() => rm(parent, { recursive: true }))

function prepare(source: string) {
  return prepareGraph(folder, {
    source,
    openWeights: async () => {
      opened++
      return tinyWeights(shape)
    },
  })
}

test('a prepared folder is used again while its source stays the same', async () => {
  const first = await prepare('file 1')
  expect(shape).toMatchObject(first.shape)
  expect(await prepare('file 1')).toEqual(first)
  expect(opened).toBe(1)
  await prepare('file 2')
  expect(opened).toBe(2)
})

test('a folder of another builder, or a broken one, is built again', async () => {
  await prepare('file 1')
  const manifest = join(folder, 'graph.json')
  const current = JSON.parse(await readFile(manifest, 'utf8'))
  await writeFile(manifest, JSON.stringify({ ...current, builderVersion: 0 }))
  await prepare('file 1')
  await writeFile(manifest, '{"builderVersion":')
  await prepare('file 1')
  expect(opened).toBe(3)
})

test('a folder with a file that was cut is built again', async () => {
  await prepare('file 1')
  for (const file of ['weights.bin', 'pair.onnx', 'logits.onnx']) {
    const path = join(folder, file)
    const whole = await readFile(path)
    await truncate(path, whole.length - 1)
    await prepare('file 1')
    expect(await readFile(path)).toEqual(whole)
  }
  await rm(join(folder, 'weights.bin'))
  await prepare('file 1')
  expect(opened).toBe(5)
})

test('what a process that was killed has left is dropped a day later, and no work under way', async () => {
  await prepare('file 1')
  const hoursAgo = (hours: number) => `graph.99.${Date.now() - hours * 3_600_000}.part`
  const others = [hoursAgo(1), 'graph.part', `graph-4bit.99.0.part`]
  for (const name of [hoursAgo(25), ...others]) await mkdir(join(parent, name))
  await prepare('file 1')
  expect((await readdir(parent)).toSorted()).toEqual(['graph', ...others].toSorted())
})

test('two processes that build the same folder both get it whole', async () => {
  const [one, other] = await Promise.all([prepare('file 1'), prepare('file 1')])
  expect(one).toEqual(other)
  expect(await readdir(parent)).toEqual(['graph'])
})

test('weights that cannot be read leave no folder behind', async () => {
  const weights = tinyWeights(shape)
  weights.tensors.delete('blk.1.ffn_down.weight')
  const failing = prepareGraph(folder, { source: 'file 1', openWeights: async () => weights })
  await expect(failing).rejects.toThrow('no tensor blk.1.ffn_down.weight')
  expect(await readdir(parent)).toEqual([])
})

describe('packing', () => {
  /** Leaves a mark in the folder, as packing does. */
  async function mark({ graphPaths }: BuiltGraph): Promise<void> {
    await writeFile(join(dirname(graphPaths.pair), 'weights.bin'), 'packed', { flag: 'a' })
  }

  const packed = (pack: (graph: BuiltGraph) => Promise<void>) =>
    prepareGraph(folder, {
      source: 'file 1',
      openWeights: async () => {
        opened++
        return tinyWeights(shape)
      },
      pack,
    })
  const marks = async () => (await readFile(join(folder, 'weights.bin'), 'latin1')).split('packed').length - 1

  test('a folder is packed once, when it is built', async () => {
    const first = await packed(mark)
    expect(await packed(mark)).toEqual(first)
    expect([await marks(), opened]).toEqual([1, 1])
  })

  test('one that was built without is packed without building it again', async () => {
    const plain = await prepare('file 1')
    expect(await packed(mark)).toEqual(plain)
    expect([await marks(), opened]).toEqual([1, 1])
    expect(await readdir(parent)).toEqual(['graph'])
  })

  test('graphs whose packing fails are taken as they are, and packed the next time', async () => {
    const fails = async () => {
      throw new Error('no room')
    }
    await packed(fails)
    await packed(fails)
    expect([await marks(), opened]).toEqual([0, 1])
    await packed(mark)
    expect([await marks(), opened]).toEqual([1, 1])
    expect(await readdir(parent)).toEqual(['graph'])
  })
})
