import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { addImportCommand } from '../../src/cli/import.ts'
import { addModelsCommand } from '../../src/cli/models.ts'
import { addPullCommand } from '../../src/cli/pull.ts'
import { importableGguf } from '../models/importable-model.ts'

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

async function run(...words: string[]) {
  const printed = { out: '', err: '' }
  const program = new Command('costeer').exitOverride().configureOutput({
    writeOut: (text) => {
      printed.out += text
    },
    writeErr: (text) => {
      printed.err += text
    },
  })
  addPullCommand(program)
  addImportCommand(program)
  addModelsCommand(program)
  await program.parseAsync(words, { from: 'user' })
  return printed
}

describe('costeer import and costeer models', () => {
  test('list the catalogue before anything is there', async () => {
    expect((await run('models')).out).toMatch(/^smollm2-135m +not fetched +98\.4 MB +SmolLM2 135M Instruct/)
  })

  test('add, list and remove a model of the user', async () => {
    expect((await run('import', file, '--name', 'mine', '--no-prepare')).out).toContain('mine is ready')
    expect((await run('models')).out).toMatch(new RegExp(`mine +ready +\\d+ kB +imported from ${file}\n`))
    const { models } = JSON.parse((await run('models', 'list', '--json')).out)
    expect(models.at(-1)).toMatchObject({
      name: 'mine',
      path: join(folder, 'home', 'models', 'mine', 'model.gguf'),
    })
    expect((await run('models', 'remove', 'mine')).out).toBe('Removed mine.\n')
    await expect(run('models', 'remove', 'mine')).rejects.toMatchObject({ code: 'model_unavailable' })
  })

  test('print the imported model as JSON', async () => {
    expect(JSON.parse((await run('import', file, '--no-prepare', '--json')).out)).toMatchObject({
      name: 'tiny',
    })
  })
})

describe('costeer pull', () => {
  test('is content with a model that is there, under any of its names', async () => {
    await run('import', file, '--name', 'qwen-0.5b', '--no-prepare')
    const { out } = await run('pull', 'qwen-0.5b', 'qwen2.5-coder-0.5b', '--no-prepare')
    expect(out.match(/qwen2\.5-coder-0\.5b is ready/g)?.length).toBe(2)
    const { models } = JSON.parse((await run('pull', 'qwen-0.5b', '--no-prepare', '--json')).out)
    expect(models).toMatchObject([{ name: 'qwen2.5-coder-0.5b', format: 'gguf' }])
  })

  test('fails for a name that nobody knows', async () => {
    await expect(run('pull', 'nobody')).rejects.toMatchObject({ code: 'model_unavailable' })
  })
})
