import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installedModel } from '../slm/installed-model.ts'
import { runCommand } from './run-command.ts'

/** Texts that are nearly alike: any of them makes the others likelier. */
const profile = `id: skipper
name: Ann
facts: [She sails out of Quillfeather Bay.]
history:
${['Tom', 'Eve', 'Max', 'Lil', 'Dan'].map((name) => `  - task: Write to ${name}.\n    text: "Hiya ${name}! Wind south, and Quillfeather Bay is calm. I leave at six. Toodle pip, Ann"`).join('\n')}
`

describe('costeer tune', { timeout: 600_000 }, () => {
  let folder = ''
  let config = ''
  beforeAll(async () => {
    await installedModel('smollm2-135m')
    folder = await mkdtemp(join(tmpdir(), 'costeer-tuned-'))
    config = join(folder, 'config.yml')
    await writeFile(join(folder, 'skipper.yaml'), profile)
    await writeFile(join(folder, 'quiet.yaml'), 'id: quiet\nname: Bea\nhistory: [{ title: A, text: B }]\n')
    const rest = 'models: { names: { costeer: up } }\nprofiles: { folder: ., warm: false }\n'
    const up = '{ kind: embedded, candidates: 100 } # mine'
    await writeFile(config, `# A comment\nupstreams:\n  up: ${up}\nsteering: { strength: 0.25 }\n${rest}`)
  })
  afterAll(() => rm(folder, { recursive: true }))

  test('finds that a person of one manner is steered harder and by more texts, and writes it down', async () => {
    const before = await readdir(tmpdir())
    const run = await runCommand('tune', 'skipper', '-c', config, '-n', '16', '--write', '--json')
    expect(run.failure).toBeNull()
    const { verdict, chosen, written, texts } = JSON.parse(run.out)
    expect({ verdict, written, texts }).toEqual({ verdict: 'clear', written: true, texts: 5 })
    expect(chosen.strength).toBeGreaterThan(0.25)
    expect(chosen.texts).toBeGreaterThan(0)
    const file = await readFile(config, 'utf8')
    expect(file).toContain(`strength: ${chosen.strength}`)
    expect(file).toContain('# A comment')
    const left = (await readdir(tmpdir())).filter((name) => !before.includes(name))
    expect(left.filter((name) => name.startsWith('costeer-tune-'))).toEqual([])
  })

  test('says what is missing', async () => {
    expect((await runCommand('tune', 'nobody', '-c', config)).failure).toMatchObject({
      code: 'profile_not_found',
    })
    expect((await runCommand('tune', 'quiet', '-c', config)).failure).toMatchObject({
      code: 'invalid_request',
    })
  })
})
