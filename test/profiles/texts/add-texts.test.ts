import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { deleteProfile, restoreProfile } from '../../../src/profiles/files/delete-profile.ts'
import { loadProfile } from '../../../src/profiles/files/load-profile.ts'
import { listBackups } from '../../../src/profiles/files/profile-backups.ts'
import { writeProfile } from '../../../src/profiles/files/write-profile.ts'
import type { Profile } from '../../../src/profiles/profile.ts'
import { addTexts } from '../../../src/profiles/texts/add-texts.ts'
import { temporaryFolder } from '../../setup/temporary-folder.ts'
import { CANARY, SAMPLE_YAML, sampleProfile } from '../sample-profile.ts'

const ladder = {
  task: 'Thank Ailsa',
  text: 'The ladder is back behind the shed, on the dry side.',
  date: '2024-05',
}
const train = { text: 'The train was late for the ninth time this month, and I want the fare back.' }

async function read(folder: string): Promise<Profile> {
  const loaded = await loadProfile(join(folder, 'ada.yaml'))
  if (loaded.type !== 'loaded') throw new Error(JSON.stringify(loaded))
  return loaded.profile
}

async function folderWithAda(): Promise<string> {
  const folder = temporaryFolder()
  await writeProfile(folder, sampleProfile())
  return folder
}

async function add(
  folder: string,
  texts: Profile['history'],
  facts: readonly string[] = [],
  addSimilar = false,
) {
  return addTexts(folder, await read(folder), { texts, facts, addSimilar })
}

describe('addTexts', () => {
  test('adds texts to a file beside the profile, whose own stays as it is', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'ada.yaml'), SAMPLE_YAML)
    const added = await add(folder, [ladder, train])
    expect(added).toMatchObject({ added: 2, facts: 0, same: 0, similar: 0, total: 3 })
    expect((await read(folder)).history.slice(1)).toEqual([ladder, train])
    expect(readFileSync(join(folder, 'ada.yaml'), 'utf8')).toBe(SAMPLE_YAML)
    expect(statSync(join(folder, 'ada.texts.jsonl')).mode & 0o777).toBe(0o600)
  })

  test('adds nothing twice', async () => {
    const folder = await folderWithAda()
    await add(folder, [ladder])
    expect(await add(folder, [ladder, ladder])).toMatchObject({ added: 0, same: 2, total: 4, backup: null })
    expect(await add(folder, [train, train])).toMatchObject({ added: 1, same: 1, total: 5 })
  })

  test('adds what is similar when that is wanted', async () => {
    const folder = await folderWithAda()
    await add(folder, [train])
    const edited = { text: `${train.text} Today.` }
    expect(await add(folder, [edited])).toMatchObject({ added: 0, similar: 1 })
    expect(await add(folder, [edited], [], true)).toMatchObject({ added: 1, similar: 0 })
  })

  test('adds new facts to the profile itself', async () => {
    const folder = await folderWithAda()
    expect(await add(folder, [], ['She keeps bees.', 'She rows.', 'She rows.'])).toMatchObject({
      facts: 1,
      added: 0,
    })
    expect((await read(folder)).facts).toEqual(['She is 36', 'She keeps bees.', 'She rows.'])
  })

  test('is undone by its backup, the first time as well', async () => {
    const folder = await folderWithAda()
    const before = (await read(folder)).history
    const { backup } = await add(folder, [ladder])
    await restoreProfile(folder, String(backup))
    expect((await read(folder)).history).toEqual(before)
    const redone = (await listBackups(folder, 'ada'))[0]
    await restoreProfile(folder, String(redone?.name))
    expect((await read(folder)).history).toEqual([...before, ladder])
  })

  test('texts are deleted with their profile, and come back with it', async () => {
    const folder = await folderWithAda()
    await add(folder, [ladder])
    const whole = await read(folder)
    const backup = await deleteProfile(folder, 'ada')
    expect(readdirSync(folder)).toEqual(['.backups'])
    await restoreProfile(folder, backup)
    expect(await read(folder)).toEqual(whole)
  })

  test('completes a last line that somebody left open', async () => {
    const folder = await folderWithAda()
    writeFileSync(join(folder, 'ada.texts.jsonl'), JSON.stringify(ladder))
    await add(folder, [train])
    expect((await read(folder)).history.slice(-2)).toEqual([ladder, train])
  })

  test('writes through no link, and keeps to its limits, without any text', async () => {
    const folder = await folderWithAda()
    const many = Array.from({ length: 20_001 }, (_, index) => ({ text: `${CANARY} ${index}` }))
    const refused = await add(folder, many, [], true).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'invalid_request', param: 'texts' })
    expect(String(refused)).not.toContain(CANARY)
    symlinkSync('elsewhere', join(folder, 'ada.texts.jsonl'))
    await expect(add(folder, [ladder])).rejects.toMatchObject({ code: 'profile_invalid' })
  })
})
