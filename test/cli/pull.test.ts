import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { startFakeRepository } from '../models/fake-hub.ts'
import { importableGguf } from '../models/importable-model.ts'
import { tinyFolder } from '../slm/safetensors/tiny-folder.ts'
import { ownHome } from './own-home.ts'
import { runCommand } from './run-command.ts'

let folder = ''
let file = ''
beforeEach(() => {
  ;({ folder, file } = ownHome())
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

  test('takes a repository of the hub, which is then a model like any other', async () => {
    const made = await tinyFolder('llama')
    const names = readdirSync(made.folder)
    const files = new Map(names.map((name) => [name, readFileSync(join(made.folder, name))]))
    const repository = { files, sentInstead: new Map(), gated: false } as const
    const hub = await startFakeRepository('Maker/Tiny', repository)
    vi.stubEnv('HF_ENDPOINT', hub.url)
    vi.stubEnv('HF_HUB_CACHE', join(folder, 'hub-cache'))
    const { out, err } = await runCommand('pull', 'Maker/Tiny')
    expect(err).toMatch(/Fetching from hub Maker\/Tiny …\n(.|\n)*100% of .*\nChecking.*\nPreparing tiny …/)
    expect(out).toMatch(/^tiny is ready .*\nName it in the configuration: local: \{ model: tiny \}\n$/)
    expect((await runCommand('models')).out).toMatch(/\ntiny +ready +.* from the hub Maker\/Tiny\n/)
    const again = await runCommand('pull', 'Maker/Tiny', '--name', 'mine', '--no-prepare', '--json')
    expect(JSON.parse(again.out)).toMatchObject({ models: [{ name: 'mine', source: 'hub Maker/Tiny' }] })
    expect((await runCommand('models', 'remove', 'tiny')).failure).toBeNull()
    await hub.close()
    made.remove()
  })

  test('takes a GGUF file of a repository by its quantisation, and says which it takes', async () => {
    const named = (label: string) => [`Tiny-${label}.gguf`, importableGguf()] as const
    const files = new Map([named('Q8_0'), named('Q4_K_M')])
    const hub = await startFakeRepository('Maker/Tiny-GGUF', { files, sentInstead: new Map(), gated: false })
    vi.stubEnv('HF_ENDPOINT', hub.url)
    vi.stubEnv('HF_HUB_CACHE', join(folder, 'hub-cache'))
    const { out, err } = await runCommand('pull', 'Maker/Tiny-GGUF', '--no-prepare')
    expect(err).toContain('Q4_K_M: Tiny-Q4_K_M.gguf (it has Q8_0 too)')
    expect(out).toMatch(
      /^tiny-gguf is ready .*\nName it in the configuration: local: \{ model: tiny-gguf \}\n$/,
    )
    const larger = ['pull', 'Maker/Tiny-GGUF:Q8_0', '--name', 'larger', '--no-prepare', '--json']
    const source = 'hub Maker/Tiny-GGUF/Tiny-Q8_0.gguf'
    expect(JSON.parse((await runCommand(...larger)).out)).toMatchObject({
      models: [{ name: 'larger', source }],
    })
    const { failure } = await runCommand('pull', 'Maker/Tiny-GGUF:Q6_K', '--name', 'other')
    const words = 'has no Q6_K. Name one as Maker/Tiny-GGUF:NAME, of Q8_0, Q4_K_M.'
    expect(failure).toMatchObject({ code: 'model_unavailable', message: expect.stringContaining(words) })
    await hub.close()
  })

  test('gives another name to one repository alone', async () => {
    const named = async (...words: string[]) => (await runCommand('pull', ...words, '--name', 'x')).failure
    expect(await named('a/b', 'c/d')).toMatchObject({ code: 'invalid_request' })
    expect(await named('smollm2-135m')).toMatchObject({ code: 'invalid_request' })
  })
})
