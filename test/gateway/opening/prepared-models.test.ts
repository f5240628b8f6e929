import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readEnvironment } from '../../../src/environment.ts'
import { PreparedModels } from '../../../src/gateway/opening/prepared-models.ts'
import { importModel } from '../../../src/models/import.ts'
import { tinyGguf } from '../../suites/faults/tiny-home.ts'

let home: string

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'prepared-models-'))
  const file = join(home, 'tiny.gguf')
  await writeFile(file, tinyGguf())
  await importModel(file, { home, name: 'tiny' })
})
afterEach(() => rm(home, { recursive: true, force: true }))

function opened(): PreparedModels {
  return new PreparedModels({ environment: { ...readEnvironment({}), costeerHome: home } })
}

test('an upstream that is the local model takes its weights, of whatever precision', async () => {
  const models = opened()
  const local = await models.get('tiny', 4)
  expect(local.bits).toBe(4)
  expect(await models.get('tiny')).toBe(local)
  await local.text.background.close()
})

test('an upstream by itself has 8 bits', async () => {
  const upstream = await opened().get('tiny')
  expect(upstream.bits).toBe(8)
  await upstream.text.background.close()
})

test('a model that is missing may be there the next time', async () => {
  const models = opened()
  await expect(models.get('other')).rejects.toMatchObject({ code: 'model_unavailable' })
  await importModel(join(home, 'tiny.gguf'), { home, name: 'other' })
  const found = await models.get('other')
  expect(found.name).toBe('other')
  await found.text.background.close()
})
