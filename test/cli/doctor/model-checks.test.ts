import { join } from 'node:path'
import { expect, test } from 'vitest'
import { modelFolderCheck, sourceCheck } from '../../../src/cli/doctor/model-checks.ts'
import { readEnvironment } from '../../../src/environment.ts'

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
