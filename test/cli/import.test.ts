import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { importableGguf } from '../models/importable-model.ts'
import { tinyFolder } from '../slm/safetensors/tiny-folder.ts'
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

describe('costeer import', () => {
  test('says under which name the model is ready', async () => {
    const { out } = await runCommand('import', file, '--name', 'mine', '--no-prepare')
    expect(out).toContain('mine is ready')
  })

  test('takes a folder of the hub as it takes a file', async () => {
    const { folder: model, remove } = await tinyFolder('qwen2')
    const { out } = await runCommand('import', model)
    expect(out).toContain('local: { model: tiny-folder }')
    remove()
  })

  test('prints the imported model as JSON', async () => {
    const { out } = await runCommand('import', file, '--no-prepare', '--json')
    expect(JSON.parse(out)).toMatchObject({ name: 'tiny' })
  })
})
