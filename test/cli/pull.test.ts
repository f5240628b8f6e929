import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { importableGguf } from '../models/importable-model.ts'
import { runCommand } from './run-command.ts'

let folder = ''
let file = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'costeer-cli-'))
  vi.stubEnv('COSTEER_HOME', join(folder, 'home'))
  file = join(folder, 'tiny.gguf')
  writeFileSync(file, importableGguf())
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

describe('costeer pull', () => {
  test('is content with a model that is there, under any of its names', async () => {
    await runCommand('import', file, '--name', 'qwen-0.5b', '--no-prepare')
    const { out } = await runCommand('pull', 'qwen-0.5b', 'qwen2.5-coder-0.5b', '--no-prepare')
    expect(out.match(/qwen2\.5-coder-0\.5b is ready/g)?.length).toBe(2)
    const { models } = JSON.parse((await runCommand('pull', 'qwen-0.5b', '--no-prepare', '--json')).out)
    expect(models).toMatchObject([{ name: 'qwen2.5-coder-0.5b', format: 'gguf' }])
  })

  test('fails for a name that nobody knows', async () => {
    expect((await runCommand('pull', 'nobody')).failure).toMatchObject({ code: 'model_unavailable' })
  })
})
