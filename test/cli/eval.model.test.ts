import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startEngine } from '../../src/slm/engine/engine.ts'
import { openEmbedded } from '../../src/upstream/embedded.ts'
import { recordingServer } from '../gateway/recording-server.ts'
import { installedModel } from '../slm/installed-model.ts'
import { runCommand } from './run-command.ts'

const profiles = {
  skipper: `id: skipper
name: Ann
facts: [She sails out of Quillfeather Bay.]
history:
  - title: note to the harbour
    text: Wind south. I leave at six.
  - task: Write a note to the cook.
    text: Wind west. Keep the zyzzyva soup warm.
`,
  quiet: 'id: quiet\nname: Bea\n',
}

describe('costeer eval', () => {
  let folder = ''
  beforeAll(async () => {
    await installedModel('smollm2-135m')
    folder = await mkdtemp(join(tmpdir(), 'costeer-eval-'))
    for (const [id, yaml] of Object.entries(profiles)) await writeFile(join(folder, `${id}.yaml`), yaml)
  })
  afterAll(() => rm(folder, { recursive: true }))

  const configured = async (upstream: string) => {
    const file = join(folder, 'config.yml')
    const rest = 'models: { names: { costeer: up } }\nprofiles: { folder: ., warm: false }\n'
    await writeFile(file, `upstreams:\n  up: ${upstream}\n${rest}`)
    return file
  }

  test("finds that a profile makes its owner's other texts likelier", async () => {
    const config = await configured('{ kind: embedded }')
    const run = await runCommand('eval', 'skipper', '-c', config, '--strengths', '0.5', '--json')
    expect(run.failure).toBeNull()
    const { rows, best, ...rest } = JSON.parse(run.out)
    expect(rest).toMatchObject({ model: 'costeer', profile: 'skipper', texts: 2 })
    expect(rest.tokens).toBeGreaterThan(10)
    expect(rows.map(({ strength }: { strength: number }) => strength)).toEqual([0, 0.5])
    expect(rows[1].change).toBeLessThan(0)
    expect(best).toBe(0.5)
    const told = await runCommand('eval', 'skipper', '-c', config, '--strengths', '0.5', '-n', '4')
    expect(told.out).toMatch(/strength +nats\/token +against none\n +0\.00 +\d/)
    expect(told.out).toContain('2 texts, ')
  })

  test('says what is missing: the profile, its texts, the model', async () => {
    const config = await configured('{ kind: embedded }')
    const failing = async (...words: string[]) => (await runCommand('eval', ...words, '-c', config)).failure
    expect(await failing('nobody')).toMatchObject({ code: 'profile_not_found' })
    expect(await failing('quiet')).toMatchObject({ message: expect.stringContaining('history:') })
    expect(await failing('skipper', '-m', 'other')).toMatchObject({ code: 'model_not_found' })
  })

  test('sends texts of the profile to a server only when that is allowed, and never the facts', async () => {
    const model = await installedModel('smollm2-135m')
    const engine = startEngine()
    const upstream = await openEmbedded({ engine, model: 'smollm2-135m', ...model })
    const server = await recordingServer({ upstream, tokenizer: model.tokenizer })
    try {
      const config = await configured(
        `{ kind: llama-cpp, url: "${server.url}", model: recorded, candidates: 50 }`,
      )
      const words = ['eval', 'skipper', '-c', config, '--strengths', '1', '-n', '8', '--json']
      const sent = () => server.received.map(({ body }) => body).join('\n')
      const ids = model.tokenizer.encode('Wind west. Keep the zyzzyva soup warm.').slice(0, 4).join(',')
      const refused = await runCommand(...words)
      expect(refused.failure).toMatchObject({ message: expect.stringContaining('--send-texts') })
      expect(sent()).not.toContain(ids)
      const { failure } = await runCommand(...words, '--send-texts')
      expect(failure).toBeNull()
      expect(sent()).toContain(ids)
      expect(sent()).not.toContain('Quillfeather')
    } finally {
      await server.close()
      await upstream.close()
      await engine.close()
    }
  })
})
