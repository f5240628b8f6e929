import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { addProfilesCommand } from '../../src/cli/profiles.ts'
import { CANARY, SAMPLE_YAML } from '../profiles/sample-profile.ts'
import { temporaryFolder } from '../setup/temporary-folder.ts'

/** What the command line prints to standard output and standard error. */
async function run(...words: string[]): Promise<{ out: string; err: string }> {
  const printed = { out: '', err: '' }
  const program = new Command('costeer').exitOverride().configureOutput({
    writeOut: (text) => {
      printed.out += text
    },
    writeErr: (text) => {
      printed.err += text
    },
  })
  addProfilesCommand(program)
  await program.parseAsync(['profiles', ...words], { from: 'user' })
  return printed
}

function folderWith(files: Record<string, string>): string {
  const folder = temporaryFolder()
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

describe('costeer profiles', () => {
  test('list shows the good profiles and, apart from them, the problems', async () => {
    const folder = folderWith({ 'ada.yaml': SAMPLE_YAML, 'bob.yaml': 'id: bob\n' })
    const { out, err } = await run('list', '--folder', folder)
    expect(out).toBe('ada  Ada (facts: 1, texts: 1)\n')
    expect(err).toBe(`${folder}/bob.yaml:1: name: is missing\n`)
    expect(JSON.parse((await run('list', '--json', '--folder', folder)).out)).toMatchObject({
      profiles: [{ id: 'ada', name: 'Ada', facts: 1, preferences: 0, history: 1 }],
      problems: [{ line: 1, key: 'name' }],
    })
  })

  test('new prints the check of the same folder, as a shell takes it', async () => {
    const folder = join(folderWith({}), "Ann's profiles")
    const { out } = await run('new', 'ann', '--folder', folder)
    expect(out).toContain(`costeer profiles check ann --folder '${folder.replace("'", "'\\''")}'\n`)
  })

  test('takes the folder from a configuration file', async () => {
    const folder = folderWith({
      'ada.yaml': SAMPLE_YAML,
      'costeer.yml': 'upstreams: {e: {kind: embedded, model: m}}\nprofiles: {folder: .}\n',
    })
    expect((await run('list', '--config', join(folder, 'costeer.yml'))).out).toContain('ada  Ada')
  })

  test('show prints a profile as YAML or JSON', async () => {
    const folder = folderWith({ 'ada.yaml': SAMPLE_YAML })
    expect((await run('show', 'ada', '--folder', folder)).out).toContain('facts:\n  - She is 36\n')
    expect(JSON.parse((await run('show', 'ada', '--json', '--folder', folder)).out).facts).toEqual([
      'She is 36',
    ])
    await expect(run('show', 'bob', '--folder', folder)).rejects.toMatchObject({ code: 'profile_not_found' })
  })

  test('new writes a good profile for its owner alone, and overwrites none', async () => {
    const folder = join(temporaryFolder(), 'new-folder')
    await run('new', 'ada', '--name', 'Ada', '--folder', folder)
    expect(readFileSync(join(folder, 'ada.yaml'), 'utf8')).toContain('id: ada\nname: "Ada"\n')
    expect(statSync(join(folder, 'ada.yaml')).mode & 0o777).toBe(0o600)
    expect((await run('check', '--folder', folder)).out).toBe('1 profile is good.\n')
    await expect(run('new', 'ada', '--folder', folder)).rejects.toMatchObject({ code: 'invalid_request' })
    await expect(run('new', '../ada', '--folder', folder)).rejects.toMatchObject({
      code: 'profile_not_found',
    })
  })

  test('check says so where a profile says nothing but a name, and still calls it good', async () => {
    const folder = folderWith({ 'ada.yaml': SAMPLE_YAML })
    await run('new', 'bob', '--folder', folder)
    const { out, err } = await run('check', '--folder', folder)
    expect(out).toBe('2 profiles are good.\n')
    expect(err).toMatch(/^bob says nothing yet but a name.*costeer profiles import/)
    expect(JSON.parse((await run('check', '--json', '--folder', folder)).out).empty).toEqual(['bob'])
  })

  test('check suggests what may be private, to be copied into the file', async () => {
    const source = `id: ada\nname: Ada Byron\nprivate:\n  - { kind: place, value: Ockham }\nfacts:
  - She lives in Ockham and asks Mary Somerville, born 26 December 1780, for advice.\n`
    const folder = folderWith({ 'ada.yaml': source })
    const { out, err } = await run('check', '--folder', folder)
    expect(out).toBe('1 profile is good.\n')
    const suggested = [...err.matchAll(/ {2}- (.*)/g)].map(([, value]) => JSON.parse(value ?? ''))
    expect(suggested).toEqual([
      { kind: 'person', value: 'Ada Byron', forms: ['Ada', 'Byron'] },
      { kind: 'date', value: '26 December 1780', forms: [] },
      { kind: 'other', value: 'Mary Somerville', forms: [] },
    ])
    const { suggestions } = JSON.parse((await run('check', '--json', '--folder', folder)).out)
    expect(suggestions).toEqual([{ id: 'ada', private: suggested }])
    writeFileSync(
      join(folder, 'ada.yaml'),
      source.replace('facts:', `${err.split('\n').slice(1).join('\n')}facts:`),
    )
    expect(await run('check', '--folder', folder)).toEqual({ out: '1 profile is good.\n', err: '' })
  })

  test('check fails with the place of every problem and none of the text', async () => {
    const folder = folderWith({
      'ada.yaml': SAMPLE_YAML,
      'bob.yaml': `id: bob\nname: Bob\nfacts: ${CANARY}\n`,
    })
    const failure = {
      code: 'profile_invalid',
      message: `${folder}/bob.yaml:3: facts: must be a list, one "- " line for each item`,
    }
    await expect(run('check', '--folder', folder)).rejects.toMatchObject(failure)
    await expect(run('check', 'bob', '--folder', folder)).rejects.toMatchObject(failure)
    expect(JSON.parse((await run('check', 'ada', '--json', '--folder', folder)).out)).toMatchObject({
      ok: true,
      problems: [],
    })
    await expect(run('check', 'eve', '--folder', folder)).rejects.toMatchObject({ code: 'profile_invalid' })
  })

  test('preview prints the exact private messages', async () => {
    const folder = folderWith({ 'ada.yaml': SAMPLE_YAML })
    const options = ['--folder', folder, '--query', 'honey', '--system', 'Be brief.']
    const { out } = await run('preview', 'ada', ...options)
    expect(out).toMatch(
      /^--- system\nYou are a helpful assistant\. .*\n\nAbout the user: The user is Ada\. She is 36\.\n\nInstructions/,
    )
    expect(out).toMatch(/Be brief\.\n\n--- user\nWrite this text: Honey\n\n--- assistant\nForty jars\.\n$/)
    const json = JSON.parse((await run('preview', 'ada', '--json', ...options)).out)
    expect(json).toMatchObject({ id: 'ada', history_entries: 1 })
    expect(json.messages).toEqual([
      { role: 'system', text: expect.stringContaining('Be brief.') },
      { role: 'user', text: 'Write this text: Honey' },
      { role: 'assistant', text: 'Forty jars.' },
    ])
    expect((await run('preview', 'ada', ...options, '--history-limit', '0')).out).not.toContain('Forty jars')
    await expect(run('preview', 'ada', '--folder', folder, '--history-limit', '-1')).rejects.toThrow()
  })
})
