import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fittingAll, type ListedModel, listChoices } from '../../../src/gateway/choosing/model-listing.ts'
import { OwnModels } from '../../../src/gateway/choosing/own-models.ts'
import { loadCatalogue } from '../../../src/models/catalogue.ts'
import { importModel } from '../../../src/models/import.ts'
import { listModels, modelPaths } from '../../../src/models/model-folder.ts'
import { importableGguf } from '../../models/importable-model.ts'

const catalogue = await loadCatalogue()
const folder = mkdtempSync(join(tmpdir(), 'costeer-listing-'))
const home = join(folder, 'home')
/** Weights of the tiny model: all but the biases are matrices and norms of width 8. */
const WEIGHTS = 3 * 8 + 8 * 8 + 4 + 4 + (8 + 4 * 8 + 4 * 8 + 8 * 8 + 8 + 3 * 16 * 8) + 8

async function listed(): Promise<ListedModel[]> {
  const installed = await listModels(home)
  return listChoices(catalogue, { installed, own: await new OwnModels().among(installed, catalogue) })
}

async function row(name: string): Promise<ListedModel | undefined> {
  return (await listed()).find((model) => model.name === name)
}

beforeAll(async () => {
  for (const name of ['mine', 'qwen3-0.6b-tuned', 'smollm2-135m']) {
    const file = join(folder, `${name}.gguf`)
    writeFileSync(file, importableGguf())
    await importModel(file, { home, name })
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('models on this machine that the catalogue does not have', () => {
  test('stand beside its own, by size, with what their files hold', async () => {
    const models = await listed()
    expect(models.slice(0, 2).map(({ name }) => name)).toEqual(['mine', 'qwen3-0.6b-tuned'])
    expect(models[0]).toMatchObject({
      title: 'mine',
      licence: null,
      source: join(folder, 'mine.gguf'),
      vocabulary: null,
      parameters: WEIGHTS,
      fileBytes: importableGguf().length,
      isHere: true,
      fitting: ['mine'],
    })
    expect(models[0]?.memoryBytes).toBe(Math.round(1.4 * WEIGHTS + 30e6))
    expect(models.filter(({ name }) => name === 'smollm2-135m').length).toBe(1)
    expect(await row('smollm2-135m')).toMatchObject({ source: null, isHere: true })
  })

  test('fit by the vocabulary that their name says', async () => {
    expect(await row('qwen3-0.6b-tuned')).toMatchObject({ vocabulary: 'qwen', fitting: ['qwen3-0.6b-tuned'] })
    expect((await row('qwen3-0.6b'))?.fitting).toContain('qwen3-0.6b-tuned')
    expect((await row('qwen3-0.6b'))?.fitting).not.toContain('mine')
  })

  test('may fit beside what is configured where nobody knows, behind those that do', async () => {
    const models = await listed()
    const beside = (...large: string[]) => fittingAll(large, models, catalogue)
    expect(beside('Qwen/Qwen2.5-7B-Instruct')).toContain('qwen3-0.6b')
    expect(beside('Qwen/Qwen2.5-7B-Instruct').at(-1)).toBe('mine')
    expect(beside('meta-llama/Llama-3.1-8B')).not.toContain('qwen3-0.6b-tuned')
    expect(beside('a-model-that-nobody-knows')).toEqual(['mine', 'qwen3-0.6b-tuned'])
    expect(beside('mine')).toEqual(['mine', 'qwen3-0.6b-tuned'])
    expect(beside('Qwen/Qwen2.5-7B-Instruct', 'meta-llama/Llama-3.1-8B')).toEqual([])
  })

  test('are looked into once, and again where others take their place', async () => {
    const own = new OwnModels()
    const now = async () => own.among(await listModels(home), catalogue)
    const weights = async () => (await now()).find(({ name }) => name === 'mine')?.parameters
    expect(await weights()).toBe(WEIGHTS)
    writeFileSync(modelPaths(home, 'mine').gguf, 'what cannot be read')
    expect(await weights()).toBe(WEIGHTS)
    const other = join(folder, 'other.gguf')
    writeFileSync(other, Buffer.concat([importableGguf(), Buffer.alloc(32)]))
    await importModel(other, { home, name: 'mine', replace: true })
    expect((await now()).find(({ name }) => name === 'mine')).toMatchObject({ source: other })
  })
})
