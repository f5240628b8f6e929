import { execFileSync } from 'node:child_process'
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { loadCommandConfig } from '../../src/cli/installation/config-file.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { upstreamKinds } from '../../src/upstream/kinds.ts'
import { listeningServer } from '../upstream/http/listening-server.ts'
import { ownConfigFolder } from './installation/own-config-folder.ts'
import { runCommand } from './run-command.ts'

let folder = ''
beforeEach(() => {
  folder = ownConfigFolder()
})

const examples = ['delphine-fontenot.yaml', 'hamish-baird.yaml', 'noor-lindqvist.yaml']

describe('costeer init', () => {
  test('writes a configuration that every command finds, with profiles that only the user can read', async () => {
    const { out } = await runCommand('init', '--ports', '')
    const file = join(folder, 'costeer/config.yaml')
    expect(out).toContain(file)
    expect((await loadCommandConfig(undefined)).file).toBe(file)
    const { profileFolder } = await loadConfig(file)
    expect(profileFolder).toBe(join(folder, 'costeer/profiles'))
    expect((await readdir(profileFolder)).sort()).toEqual(examples)
    expect((await stat(profileFolder)).mode & 0o777).toBe(0o700)
    for (const name of examples) expect((await stat(join(profileFolder, name))).mode & 0o777).toBe(0o600)
    expect((await runCommand('profiles', 'check')).out).toBe('3 profiles are good.\n')
  })

  test.each(Object.keys(upstreamKinds))('writes one for %s into a folder of choice', async (kind) => {
    const target = join(folder, 'own')
    const { out } = await runCommand('init', target, '--upstream', kind, '--json')
    const { config } = JSON.parse(out)
    expect(config).toBe(join(target, 'config.yaml'))
    const { upstreams } = (await loadConfig(config)).config
    expect(Object.values(upstreams).map((upstream) => upstream.kind)).toEqual([kind])
    expect(await readdir(target)).toContain('schema.json')
  })

  test('prints commands that a shell takes as they are, whatever the folder is called', async () => {
    for (const name of ['plain', "Ann's own files", 'a "b" $(c) `d`', 'ü;&']) {
      const target = join(folder, name)
      const { out } = await runCommand('init', target, '--ports', '')
      const [, start = ''] = /Then run: costeer serve (.*)/.exec(out) ?? []
      const words = execFileSync('sh', ['-c', `printf '%s\\n' ${start}`])
        .toString()
        .split('\n')
      expect(words).toEqual(['--config', join(target, 'config.yaml'), ''])
    }
  })

  test('leaves what is there alone', async () => {
    await runCommand('init', '--ports', '')
    const profile = join(folder, 'costeer/profiles/hamish-baird.yaml')
    await writeFile(profile, 'mine')
    expect((await runCommand('init', '--ports', '')).failure).toMatchObject({ code: 'config_invalid' })
    await rm(join(folder, 'costeer/config.yaml'))
    expect((await runCommand('init', '--ports', '')).failure).toBeNull()
    expect(await readFile(profile, 'utf8')).toBe('mine')
  })

  test('takes a server that answers on this machine, with a local model of the same tokens', async () => {
    const models = [
      { name: 'nomic-embed-text:latest', capabilities: ['embedding'] },
      { name: 'gpt-oss:120b-cloud', remote_host: 'https://ollama.com' },
      { name: 'qwen2.5-coder:1.5b', capabilities: ['completion'] },
    ]
    const server = await listeningServer((response, { url }) => {
      response.end(JSON.stringify({ models: url === '/api/tags' ? models : [] }))
    })
    const { port } = new URL(server.url)
    const { out } = await runCommand('init', '--ports', `1,${port}`)
    expect(out).toContain(`Found ollama at http://127.0.0.1:${port}`)
    const { config } = await loadConfig(join(folder, 'costeer/config.yaml'))
    const large = { kind: 'ollama', url: `http://127.0.0.1:${port}`, model: 'qwen2.5-coder:1.5b' }
    expect(config.upstreams).toMatchObject({ large })
    expect(config.local.model).toBe('qwen2.5-coder-0.5b')
    expect((await runCommand('profiles', 'check')).out).toBe('3 profiles are good.\n')
  })

  test('an Ollama without a model is named, and nothing is written that would be in the way later', async () => {
    const server = await listeningServer((response) => {
      response.end('{"models":[]}')
    })
    const ports = ['--ports', new URL(server.url).port]
    const { failure } = await runCommand('init', ...ports)
    expect(failure).toMatchObject({ message: expect.stringMatching(/no model yet .*"ollama pull /) })
    expect(await readdir(folder)).toEqual([])
    expect((await runCommand('init', ...ports, '--upstream', 'embedded')).failure).toBeNull()
  })

  test('takes the server of the kind that is asked for, though another one answers, too', async () => {
    const ollama = await listeningServer((response, { url }) => {
      response.end(JSON.stringify({ models: url === '/api/tags' ? [{ name: 'qwen3:8b' }] : [] }))
    })
    const vllm = await listeningServer((response, { url }) => {
      if (url !== '/v1/models') response.statusCode = 404
      response.end(JSON.stringify({ data: [{ id: 'Qwen/Qwen3-8B', owned_by: 'vllm' }] }))
    })
    const ports = [ollama, vllm].map(({ url }) => new URL(url).port).join(',')
    const { out } = await runCommand('init', '--upstream', 'vllm', '--ports', ports)
    expect(out).toContain(`Found vllm at ${vllm.url}`)
    expect(out).toContain(`Also found: ollama at ${ollama.url}`)
    const { config } = await loadConfig(join(folder, 'costeer/config.yaml'))
    expect(config.upstreams.large).toMatchObject({ kind: 'vllm', model: 'Qwen/Qwen3-8B' })
  })

  test('says what starts a server of the kind that is asked for, where none answers', async () => {
    const started = async (kind: string) =>
      (await runCommand('init', join(folder, kind), '--upstream', kind, '--ports', '')).out
    expect(await started('llama-cpp')).toContain('Start one: llama-server -m ')
    expect(await started('ollama')).toContain('Start one: OLLAMA_NUM_PARALLEL=4 ollama serve\n')
    expect(await started('vllm')).toContain('Start one: vllm serve MODEL ')
    for (const kind of ['embedded', 'chat-prefix']) expect(await started(kind)).not.toContain('Start one')
  })

  test('copies the examples that are shipped, and nobody else of the folder', async () => {
    const own = 'profiles/test-of-init.yaml'
    onTestFinished(() => rm(own, { force: true }))
    await writeFile(own, 'id: test-of-init\nname: Ann\n')
    await runCommand('init', '--ports', '')
    expect((await readdir(join(folder, 'costeer/profiles'))).sort()).toEqual(examples)
  })

  test('refuses ports that are none', async () => {
    expect((await runCommand('init', '--ports', '8080,x')).failure).toMatchObject({
      code: 'commander.invalidArgument',
    })
  })
})
