import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { configSchema } from '../../src/config/schema.ts'
import { ownHome } from './own-home.ts'
import { runCommand } from './run-command.ts'

let folder = ''
let file = ''
beforeEach(() => {
  ;({ folder, file } = ownHome())
})

describe('costeer models', () => {
  test('lists the catalogue before anything is there', async () => {
    expect((await runCommand('models')).out).toMatch(
      /^smollm2-135m +not fetched +98\.4 MB +SmolLM2 135M Instruct/,
    )
  })

  test('suggests local models for a large one', async () => {
    const { out } = await runCommand('models', 'suggest', '--upstream', 'Qwen/Qwen3-32B')
    expect(out).toMatch(/^These have the tokens of Qwen\/Qwen3-32B:\nqwen2\.5/)
    expect(out).toMatch(/^ {2}local: \{ model: qwen[\w.-]+ \}\n$/m)
    expect(out).not.toContain('llama-server')
    const unknown = await runCommand('models', 'suggest', '--upstream', 'google/gemma-4-31b-it')
    const [, served = ''] = /^ {2}(local: .*llama.*)$/m.exec(unknown.out) ?? []
    const config = { ...(parse(served) as object), upstreams: {} }
    expect(configSchema.parse(config).local).toMatchObject({ kind: 'llama-cpp' })
    const other = await runCommand('models', 'suggest', '--upstream', 'openai/gpt-oss-20b', '--json')
    expect(JSON.parse(other.out).suggestions[0]).toMatchObject({ alignment: 'bytes' })
  })

  test('suggests them with the bits that are asked for', async () => {
    const { out } = await runCommand('models', 'suggest', '--upstream', 'Qwen/Qwen3-32B', '--precision', '4')
    expect(out).toContain('of memory with 4 bits')
    expect(out).toMatch(/^ {2}local: \{ model: qwen[\w.-]+, precision: 4 \}\n$/m)
  })

  test("lists and removes a model of the user's own", async () => {
    expect((await runCommand('import', file, '--name', 'mine', '--no-prepare')).failure).toBeNull()
    expect((await runCommand('models')).out).toMatch(
      new RegExp(`mine +ready +\\d+ kB +imported from ${file}\n`),
    )
    const { models } = JSON.parse((await runCommand('models', 'list', '--json')).out)
    expect(models.at(-1)).toMatchObject({
      name: 'mine',
      path: join(folder, 'home', 'models', 'mine', 'model.gguf'),
    })
    expect((await runCommand('models', 'remove', 'mine')).out).toBe('Removed mine.\n')
    const again = await runCommand('models', 'remove', 'mine')
    expect(again.failure).toMatchObject({ code: 'model_unavailable' })
  })
})
