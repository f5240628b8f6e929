import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadCatalogue } from '../../../src/models/catalogue.ts'
import { locateModel } from '../../../src/models/files/model-at-path.ts'
import type { InstalledModel } from '../../../src/models/model-folder.ts'
import { memoryBytes, weightsOf } from '../../../src/models/suggesting/model-size.ts'
import { type TinyFolder, tinyFolder } from '../../slm/safetensors/tiny-folder.ts'

describe('memory of a model', () => {
  test('grows with its weights and their bits, and a little with each session', () => {
    const [one, two] = [1, 2].map((sessions) => memoryBytes(1e9, { bits: 8, sessions }))
    expect(memoryBytes(2e9, { bits: 8 })).toBeGreaterThan(1.9 * memoryBytes(1e9, { bits: 8 }))
    expect(memoryBytes(1e9, { bits: 4 })).toBeLessThan(memoryBytes(1e9, { bits: 8 }))
    expect(two).toBeGreaterThan(one ?? 0)
    expect(two).toBeLessThan(1.1 * (one ?? 0))
  })

  // docs/measurements/memory.md, less the runtime's own code, in bytes
  test.each([
    ['smollm2-135m', 8, 214],
    ['qwen2.5-coder-0.5b', 8, 682],
    ['qwen2.5-coder-0.5b', 4, 509],
  ] as const)('is about what was measured: %s with %i bits', async (name, bits, mebibytes) => {
    const entry = (await loadCatalogue()).find(name)
    const estimate = memoryBytes(await weightsOf(entry, null), { bits }) / 2 ** 20
    expect(Math.abs(estimate / mebibytes - 1)).toBeLessThan(0.1)
  })
})

describe('the number of weights', () => {
  let made: TinyFolder
  beforeEach(async () => {
    made = await tinyFolder('qwen3')
  })
  afterEach(() => made.remove())
  const located = async (path: string) => (await locateModel(made.folder, path)) as InstalledModel

  test('is that of the files, whichever form they have', async () => {
    const values = Object.values(made.tensors).map(({ shape }) => shape.reduce((a, b) => a * b, 1))
    const all = values.reduce((a, b) => a + b, 0)
    expect(await weightsOf(undefined, await located(made.folder))).toBe(all)
    expect(await weightsOf(undefined, await located(made.file))).toBe(all)
  })

  test('is estimated by bytes where the files do not say, and 0 where there is no model', async () => {
    const model = await located(made.folder)
    rmSync(join(made.folder, 'config.json'))
    expect(await weightsOf(undefined, model)).toBe(model.bytes / 2)
    expect(await weightsOf(undefined, null)).toBe(0)
  })
})
