import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { listening } from '../proxy/app-under-test/listening-app.ts'
import { end, text } from '../proxy/app-under-test/scripted-gateway.ts'
import { runCommand } from './run-command.ts'

afterEach(() => vi.unstubAllEnvs())

test('a port that is taken is told before any model is fetched or prepared', async () => {
  const home = await mkdtemp(join(tmpdir(), 'costeer-serve-'))
  onTestFinished(() => rm(home, { recursive: true }))
  const { url } = await listening({ script: { choices: [[text('x'), end(1)]] } })
  vi.stubEnv('COSTEER_HOME', home)
  vi.stubEnv('COSTEER_PORT', new URL(url).port)
  const before = process.listeners('SIGTERM')
  const { err, failure } = await runCommand('serve', '--config', 'config/default.yaml')
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    for (const listener of process.listeners(signal)) {
      if (!before.includes(listener)) process.off(signal, listener)
    }
  }
  expect(failure).toMatchObject({ code: 'config_invalid', message: expect.stringContaining('COSTEER_PORT=') })
  expect(err).toBe('')
  expect(await readdir(home)).toEqual([])
})
