import { truncateSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import {
  modelCheck,
  modelFolderCheck,
  neededModels,
  sourceCheck,
} from '../../../src/cli/doctor/model-checks.ts'
import { configSchema } from '../../../src/config/schema.ts'
import { readEnvironment } from '../../../src/environment.ts'
import { tinyFolder } from '../../slm/safetensors/tiny-folder.ts'

test('a model folder that cannot be written is fine when nothing is missing', async () => {
  const home = join(import.meta.filename, 'home')
  expect((await modelFolderCheck(home, true)).status).toBe('ok')
  const advice = expect.stringContaining('COSTEER_HOME')
  expect(await modelFolderCheck(home, false)).toMatchObject({ status: 'fail', fix: advice })
  expect((await modelFolderCheck(join(import.meta.dirname, 'new', 'home'), false)).status).toBe('ok')
})

test('without hub and pip no model can be fetched', async () => {
  const offline = { ...readEnvironment({}), hubOffline: true }
  expect(await sourceCheck(offline, 'no-such-python')).toMatchObject({ status: 'fail' })
  expect((await sourceCheck(readEnvironment({}), 'no-such-python')).message).toContain('the hub')
})

test('a model that lies where it is named is looked at, before a start builds its graph', async () => {
  const { folder, remove } = await tinyFolder('llama')
  const environment = readEnvironment({ COSTEER_HOME: join(dirname(folder), 'home') })
  const found = async (model: string) => {
    const needed = await neededModels(configSchema.parse({ upstreams: {}, local: { model } }), environment)
    expect(needed).toHaveLength(1)
    return modelCheck(needed[0] as (typeof needed)[0])
  }
  expect(await found(folder)).toMatchObject({
    status: 'ok',
    message: expect.stringMatching(/its graph is built at the first start, with 8-bit weights/),
  })
  truncateSync(join(folder, 'model.safetensors'), 20_000)
  expect(await found(folder)).toMatchObject({
    status: 'fail',
    message: expect.stringContaining('incomplete'),
  })
  expect(await found(join(folder, 'none'))).toMatchObject({
    status: 'fail',
    message: `There is no file or folder ${join(folder, 'none')}.`,
  })
  remove()
})
