import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { deleteProfile, restoreProfile } from '../../../src/profiles/files/delete-profile.ts'
import { loadProfile } from '../../../src/profiles/files/load-profile.ts'
import { listBackups } from '../../../src/profiles/files/profile-backups.ts'
import { writeProfile } from '../../../src/profiles/files/write-profile.ts'
import type { Profile } from '../../../src/profiles/profile.ts'
import { temporaryFolder } from '../../setup/temporary-folder.ts'
import { sampleProfile } from '../sample-profile.ts'

async function read(folder: string, id = 'ada'): Promise<Profile | null> {
  const loaded = await loadProfile(join(folder, `${id}.yaml`))
  return loaded.type === 'loaded' ? loaded.profile : null
}

describe('backups', () => {
  test('undo a deletion', async () => {
    const folder = temporaryFolder()
    await writeProfile(folder, sampleProfile())
    const backup = await deleteProfile(folder, 'ada')
    expect(await read(folder)).toBeNull()
    await expect(deleteProfile(folder, 'ada')).rejects.toMatchObject({ code: 'profile_not_found' })
    expect(await restoreProfile(folder, backup)).toBe('ada')
    expect(await read(folder)).toEqual(sampleProfile())
  })

  test('hold nothing of what the local model has read of a deleted profile: that goes', async () => {
    const folder = temporaryFolder()
    const read = join(folder, '.read', '0123456789abcdef', 'ada')
    await writeProfile(folder, sampleProfile())
    mkdirSync(read, { recursive: true })
    await deleteProfile(folder, 'ada')
    expect(existsSync(read)).toBe(false)
  })

  test('undo a change, which is itself kept', async () => {
    const folder = temporaryFolder()
    await writeProfile(folder, sampleProfile())
    const backup = String(await writeProfile(folder, sampleProfile({ name: 'Countess' })))
    await restoreProfile(folder, backup)
    expect((await read(folder))?.name).toBe('Ada')
    expect(await listBackups(folder, 'ada')).toHaveLength(2)
  })

  test('are read from regular files alone', async () => {
    const folder = temporaryFolder()
    await writeProfile(folder, sampleProfile())
    const backup = await deleteProfile(folder, 'ada')
    rmSync(join(folder, '.backups', backup))
    execFileSync('mkfifo', [join(folder, '.backups', backup)])
    await expect(restoreProfile(folder, backup)).rejects.toMatchObject({ code: 'profile_invalid' })
  })

  test.each(['../ada.yaml', 'ada.yaml', 'ada.2025-01-01T00-00-00-000Z.00000000.yaml'])(
    'are found by their own names only: %s',
    async (name) => {
      const folder = temporaryFolder()
      await writeProfile(folder, sampleProfile())
      await expect(restoreProfile(folder, name)).rejects.toMatchObject({ code: 'profile_not_found' })
    },
  )
})
