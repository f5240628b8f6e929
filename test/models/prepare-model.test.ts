import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { graphFolders, type InstalledModel } from '../../src/models/model-folder.ts'
import { prepareModel } from '../../src/models/prepare-model.ts'
import { tinyFamilies, tinyFamilyFile } from '../slm/families/tiny-families.ts'

let folder: string
let model: InstalledModel

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'prepare-model-'))
  const path = join(folder, 'model.gguf')
  const [family] = Object.values(tinyFamilies)
  if (family) await writeFile(path, tinyFamilyFile(family))
  const graphFolder = join(folder, 'graph')
  model = { name: 'tiny', format: 'gguf', bytes: 1, sha256: null, source: path, path, graphFolder }
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('graphs of each precision lie side by side, so that none is built twice', async () => {
  const [eight, four] = [await prepareModel(model, 8), await prepareModel(model, 4)]
  expect(graphFolders(model.graphFolder).map(existsSync)).toEqual([true, true])
  expect(eight).not.toEqual(four)
  await rm(model.path)
  expect(await prepareModel(model, 8)).toEqual(eight)
  expect(await prepareModel(model, 4)).toEqual(four)
})
