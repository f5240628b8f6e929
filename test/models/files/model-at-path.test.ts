import { existsSync, rmSync, statSync, utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readEnvironment } from '../../../src/environment.ts'
import { locateModel } from '../../../src/models/files/model-at-path.ts'
import { prepareModel } from '../../../src/models/prepare-model.ts'
import { pullModel } from '../../../src/models/pull.ts'
import { float32, type TinyFolder, tinyFolder, writeSafetensors } from '../../slm/safetensors/tiny-folder.ts'

let made: TinyFolder
let home: string
beforeEach(async () => {
  made = await tinyFolder('qwen3')
  home = join(dirname(made.folder), 'home')
})
afterEach(() => made.remove())

async function located() {
  const model = await locateModel(home, made.folder)
  if (model === null) throw new Error('There is no model in the folder.')
  return model
}

describe('a model that is named by its path', () => {
  test('is used where it lies: nothing is copied but what is built of it', async () => {
    const model = await located()
    expect(model).toMatchObject({ name: made.folder, format: 'safetensors', path: made.folder })
    expect(model.bytes).toBeGreaterThan(statSync(join(made.folder, 'model.safetensors')).size)
    expect(await prepareModel(model)).toMatchObject({ layout: 'built' })
    expect(dirname(model.graphFolder)).toBe(join(home, 'graphs'))
    expect(existsSync(join(home, 'models'))).toBe(false)
    const { ino } = statSync(join(model.graphFolder, 'graph.json'))
    await prepareModel(await located())
    expect(statSync(join(model.graphFolder, 'graph.json')).ino).toBe(ino)
  })

  test('is another one when its files change', async () => {
    const before = await located()
    await prepareModel(before)
    const { ino } = statSync(join(before.graphFolder, 'graph.json'))
    utimesSync(join(made.folder, 'model.safetensors'), 1, 1)
    const after = await located()
    expect(after.graphFolder).toBe(before.graphFolder)
    await prepareModel(after)
    expect(statSync(join(after.graphFolder, 'graph.json')).ino).not.toBe(ino)
  })

  test('may be a GGUF file', async () => {
    const model = await locateModel(home, made.file)
    expect(model).toMatchObject({ format: 'gguf', path: made.file, name: made.file })
  })

  test('is not used when a part of it would take part in nothing', async () => {
    const router = float32([1], [1])
    made.put('model.safetensors', writeSafetensors({ ...made.tensors, 'model.router.weight': router }))
    await expect(prepareModel(await located())).rejects.toThrow(/model\.router\.weight, which nothing here/)
  })

  test('is what a start takes, and a wrong path is said', async () => {
    const environment = readEnvironment({ COSTEER_HOME: home })
    expect(await pullModel(made.folder, { environment })).toEqual(await located())
    rmSync(made.folder, { recursive: true })
    await expect(pullModel(made.folder, { environment })).rejects.toMatchObject({
      code: 'model_unavailable',
      message: expect.stringContaining(`There is no file or folder ${made.folder}. A repository of the hub`),
    })
  })

  test('leaves names to the models that are installed', async () => {
    expect(await locateModel(home, 'qwen3')).toBeNull()
  })
})
