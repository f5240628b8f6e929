import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { LADDER, mailOf, TRAIN } from '../../profiles/importing/import-samples.ts'
import { CANARY, SAMPLE_YAML } from '../../profiles/sample-profile.ts'
import { temporaryFolder } from '../../setup/temporary-folder.ts'
import { runCommand } from '../run-command.ts'

function folders() {
  const root = temporaryFolder()
  const [profiles, mail] = [join(root, 'profiles'), join(root, 'mail')]
  for (const folder of [profiles, join(mail, 'archive'), join(mail, '.hidden')])
    mkdirSync(folder, { recursive: true })
  writeFileSync(join(profiles, 'ada.yaml'), SAMPLE_YAML)
  writeFileSync(join(mail, 'archive', 'a.eml'), mailOf({}, LADDER))
  writeFileSync(join(mail, 'Sent'), `From ann Fri May 31 10:00:00 2024\n${mailOf({}, TRAIN)}\n`)
  writeFileSync(join(mail, '.hidden', 'b.eml'), mailOf({}, CANARY))
  writeFileSync(join(mail, 'photo.png'), CANARY)
  return { profiles, mail }
}

describe('costeer profiles import', () => {
  test('shows what it found, adds it, and adds nothing twice', async () => {
    const { profiles, mail } = folders()
    const words = ['profiles', 'import', 'ada', mail, '--folder', profiles, '--from', 'ann@example.org']
    const { out, failure } = await runCommand(...words, '--yes')
    expect(failure).toBeNull()
    expect(out).toContain('2024-05-31  written  Write an email to Ailsa Baird about this: The l…')
    expect(out).toContain('New: 2 of 2; there already: 0, nearly: 0.')
    expect(out).toMatch(/Added 2 texts and 0 facts to "ada", which has 3 texts now\. .*backup ada\./)
    const again = await runCommand(...words, '--yes')
    expect(again.out).toContain('New: 0 of 2; there already: 2')
    const kept = readFileSync(join(profiles, 'ada.texts.jsonl'), 'utf8')
    expect(kept.trim().split('\n')).toHaveLength(2)
    const shown = await runCommand('profiles', 'show', 'ada', '--folder', profiles)
    expect(shown.out).not.toContain('ladder')
    expect(shown.err).toContain('Beside it: 2 texts in')
  })

  test('changes nothing in a dry run, nor where nobody can be asked', async () => {
    const { profiles, mail } = folders()
    const words = [
      'profiles',
      'import',
      'ada',
      join(mail, 'Sent'),
      '-f',
      profiles,
      '--from',
      'ann@example.org',
    ]
    const dry = await runCommand(...words, '--dry-run', '--json')
    expect(JSON.parse(dry.out)).toMatchObject({ added: 0, texts: [{ text: TRAIN }] })
    const { failure } = await runCommand(...words)
    expect(failure).toMatchObject({ code: 'invalid_request', message: expect.stringContaining('--yes') })
    expect(() => readFileSync(join(profiles, 'ada.texts.jsonl'))).toThrow()
  })

  test('asks which of the senders the user is', async () => {
    const { profiles, mail } = folders()
    const { failure } = await runCommand('profiles', 'import', 'ada', mail, '-f', profiles)
    expect(failure).toMatchObject({ message: expect.stringContaining('ann@example.org (2)') })
  })

  test('prints JSON for programs, and what it shows to people beside it', async () => {
    const { profiles, mail } = folders()
    const { out, err } = await runCommand(
      ...['profiles', 'import', 'ada', mail, '-f', profiles, '--from', 'ann@example.org', '--yes', '--json'],
    )
    expect(JSON.parse(out)).toMatchObject({ added: 2, total: 3 })
    expect(err).toContain('New: 2 of 2')
  })

  test.each([
    ['is missing', (mail: string) => join(mail, 'nothing.mbox')],
    ['is of an unknown kind', (mail: string) => join(mail, 'photo.png')],
  ])('refuses a path that %s, without its text', async (_what, path) => {
    const { profiles, mail } = folders()
    const { failure, err, out } = await runCommand('profiles', 'import', 'ada', path(mail), '-f', profiles)
    expect(failure).toMatchObject({ code: 'invalid_request' })
    expect([String(failure), err, out].join()).not.toContain(CANARY)
  })
})
