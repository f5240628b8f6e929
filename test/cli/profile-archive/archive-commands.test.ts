import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { CANARY, SAMPLE_YAML } from '../../profiles/sample-profile.ts'
import { temporaryFolder } from '../../setup/temporary-folder.ts'
import { runCommand } from '../run-command.ts'

const COMMENTED = `# Mine\n${SAMPLE_YAML}`
const TEXTS = '{"task":"Thank Ailsa","text":"Dear Ailsa, thank you for the ladder."}\n'

function folderWith(files: Record<string, string>): string {
  const folder = temporaryFolder()
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return folder
}

async function run(...words: string[]) {
  const { out, failure } = await runCommand('profiles', ...words)
  if (failure !== null) throw failure
  return out
}

describe('a profile as one file', () => {
  test('has the same files elsewhere, for their owner alone', async () => {
    const folder = folderWith({ 'ada.yaml': COMMENTED, 'ada.texts.jsonl': TEXTS })
    const file = join(folder, 'ada.zip')
    expect(await run('export', 'ada', '--out', file, '--folder', folder)).toContain('costeer profiles add ')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const other = join(temporaryFolder(), 'profiles')
    mkdirSync(other)
    expect(await run('add', file, '--folder', other)).toContain('Added the profile "ada"')
    for (const [name, content] of [
      ['ada.yaml', COMMENTED],
      ['ada.texts.jsonl', TEXTS],
    ] as const) {
      expect(readFileSync(join(other, name), 'utf8')).toBe(content)
      expect(statSync(join(other, name)).mode & 0o777).toBe(0o600)
    }
    expect(await run('check', '--folder', other)).toBe('1 profile is good.\n')
  })

  test('replaces one of its id only where that is asked for, with its texts', async () => {
    const folder = folderWith({ 'ada.yaml': COMMENTED })
    const file = join(folder, 'ada.zip')
    await run('export', 'ada', '--out', file, '--folder', folder)
    const other = folderWith({ 'ada.yaml': 'id: ada\nname: Another\n', 'ada.texts.jsonl': TEXTS })
    await expect(run('add', file, '--folder', other)).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('--replace'),
    })
    await run('add', file, '--replace', '--folder', other)
    expect(JSON.parse(await run('show', 'ada', '--json', '--folder', other)).name).toBe('Ada')
    expect(JSON.parse(await run('list', '--json', '--folder', other)).profiles).toMatchObject([
      { history: 1 },
    ])
  })

  test('is not written over another, and not made of a profile that is not there or broken', async () => {
    const folder = folderWith({ 'ada.yaml': COMMENTED, 'bob.yaml': SAMPLE_YAML, 'bob.texts.jsonl': '{}\n' })
    const taken = join(folder, 'taken.zip')
    writeFileSync(taken, 'mine')
    const written = (id: string) => run('export', id, '--out', taken, '--folder', folder)
    await expect(written('ada')).rejects.toThrow(/exists already/)
    await expect(written('eve')).rejects.toMatchObject({ code: 'profile_not_found' })
    await expect(written('bob')).rejects.toMatchObject({ code: 'profile_invalid' })
    expect(readFileSync(taken, 'utf8')).toBe('mine')
  })

  test.each([
    ['no zip', Buffer.from(CANARY)],
    ['a zip of something else', zipSync({ 'photo.png': Buffer.from(CANARY) })],
    ['two profiles', zipSync({ 'ada.yaml': Buffer.from(SAMPLE_YAML), 'bob.yaml': Buffer.from('id: bob') })],
    ['a profile under another name', zipSync({ 'eve.yaml': Buffer.from(SAMPLE_YAML) })],
    ['a path out of the folder', zipSync({ '../ada.yaml': Buffer.from(SAMPLE_YAML) })],
    ['a broken profile', zipSync({ 'ada.yaml': Buffer.from(`id: ada\nfacts: ${CANARY}\n`) })],
    [
      'broken texts',
      zipSync({ 'ada.yaml': Buffer.from(SAMPLE_YAML), 'ada.texts.jsonl': Buffer.from(`{"${CANARY}":1}`) }),
    ],
  ])('is refused where it holds %s, without a word of it', async (_what, bytes) => {
    const folder = folderWith({})
    writeFileSync(join(folder, 'given.zip'), bytes)
    const added = run('add', join(folder, 'given.zip'), '--folder', folder)
    await expect(added).rejects.toMatchObject({ code: 'profile_invalid' })
    await expect(added).rejects.not.toThrow(CANARY)
    expect(await run('list', '--folder', folder)).toBe('')
  })
})
