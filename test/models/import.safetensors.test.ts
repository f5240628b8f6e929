import { mkdirSync, readdirSync, renameSync, statSync, symlinkSync, truncateSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { importModel } from '../../src/models/import.ts'
import { listModels } from '../../src/models/model-folder.ts'
import { readModelText } from '../../src/models/model-text.ts'
import { prepareModel } from '../../src/models/prepare-model.ts'
import { type TinyFolder, tinyFolder } from '../slm/safetensors/tiny-folder.ts'

let made: TinyFolder
let home: string
beforeEach(async () => {
  made = await tinyFolder('mistral3')
  home = join(dirname(made.folder), 'home')
})
afterEach(() => made.remove())

describe('importModel of a folder of the hub', () => {
  test('takes over what is read of it, linked, and builds its graph', async () => {
    made.put('README.md', 'Others read this.')
    made.put('optimizer.bin', 'Nobody reads this.')
    const model = await importModel(made.folder, { home, prepare: true })
    expect(model).toMatchObject({ name: 'tiny-folder', format: 'safetensors', sha256: null })
    expect(readdirSync(model.path).sort()).toEqual([
      'chat_template.jinja',
      'config.json',
      'model.safetensors',
      'tokenizer.json',
      'tokenizer_config.json',
    ])
    const weights = (folder: string) => statSync(join(folder, 'model.safetensors')).ino
    expect(weights(model.path)).toBe(weights(made.folder))
    const { ino } = statSync(join(model.graphFolder, 'graph.json'))
    await prepareModel(model)
    expect(statSync(join(model.graphFolder, 'graph.json')).ino).toBe(ino)
  })

  test("takes the content of links, which the hub's cache has, and is called as the repository", async () => {
    const cache = join(dirname(made.folder), 'models--Owner--Tiny-3B')
    const [blobs, snapshot] = [join(cache, 'blobs'), join(cache, 'snapshots', 'a'.repeat(40))]
    for (const folder of [blobs, snapshot]) mkdirSync(folder, { recursive: true })
    for (const name of readdirSync(made.folder)) {
      renameSync(join(made.folder, name), join(blobs, name))
      symlinkSync(relative(snapshot, join(blobs, name)), join(snapshot, name))
    }
    const model = await importModel(snapshot, { home })
    expect(model.name).toBe('tiny-3b')
    expect((await readModelText(model)).vocabulary.size).toBe(301)
  })

  test('knows the end tokens and rows of a model that also sees', async () => {
    const { text_config: part, ...rest } = made.config
    const { vocab_size: _, ...decoder } = part as Record<string, unknown>
    made.put('config.json', { ...rest, text_config: { ...decoder, eos_token_id: [256, 7] } })
    const { vocabulary } = await readModelText({ path: made.folder, format: 'safetensors' })
    expect(vocabulary.size).toBe(301)
    expect([...vocabulary.endTokens].toSorted((a, b) => a - b)).toEqual([7, 256])
  })

  test('registers nothing when it is damaged', async () => {
    truncateSync(join(made.folder, 'model.safetensors'), 20_000)
    await expect(importModel(made.folder, { home })).rejects.toMatchObject({ code: 'model_file_invalid' })
    expect(await listModels(home)).toEqual([])
  })
})
