import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { deleteProfile, restoreProfile } from '../../../src/profiles/files/delete-profile.ts'
import type { FileOperations } from '../../../src/profiles/files/file-operations.ts'
import { systemFiles } from '../../../src/profiles/files/file-operations.ts'
import { loadProfile } from '../../../src/profiles/files/load-profile.ts'
import { backupFolder, listBackups } from '../../../src/profiles/files/profile-backups.ts'
import { writeProfile } from '../../../src/profiles/files/write-profile.ts'
import type { Profile } from '../../../src/profiles/profile.ts'
import { temporaryFolder } from '../../setup/temporary-folder.ts'
import { CANARY, sampleProfile } from '../sample-profile.ts'

async function read(folder: string, id = 'ada'): Promise<Profile | null> {
  const loaded = await loadProfile(join(folder, `${id}.yaml`))
  return loaded.type === 'loaded' ? loaded.profile : null
}

class Killed extends Error {}

/**
 * The system's file operations until the budget of steps is used up; from then on all fail, as if the process
 * were gone.
 */
function killAfter(steps: number, writtenShare: number): FileOperations {
  let left = steps
  const step = () => {
    left--
    if (left < 0) throw new Killed()
  }
  const operation =
    <Args extends unknown[], Result>(run: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      step()
      return run(...args)
    }
  const guarded = Object.fromEntries(
    Object.entries(systemFiles).map(([name, run]) => [
      name,
      typeof run === 'function' ? operation(run as never) : run,
    ]),
  ) as unknown as FileOperations
  return {
    ...guarded,
    open: async (...args) => {
      step()
      const handle = await systemFiles.open(...args)
      const write = handle.writeFile.bind(handle)
      handle.writeFile = async (data) => {
        left--
        // The step that is cut short leaves a part of the text in the file.
        await write(left < 0 ? String(data).slice(0, Math.floor(String(data).length * writtenShare)) : data)
        if (left < 0) throw new Killed()
      }
      const sync = handle.sync.bind(handle)
      handle.sync = async () => {
        step()
        await sync()
      }
      return handle
    },
  }
}

describe('writeProfile', () => {
  test('writes a file that only its owner can read, and keeps the version before', async () => {
    const folder = temporaryFolder()
    expect(await writeProfile(folder, sampleProfile())).toBeNull()
    const backup = await writeProfile(folder, sampleProfile({ name: 'Countess' }))
    expect((await read(folder))?.name).toBe('Countess')
    expect(statSync(join(folder, 'ada.yaml')).mode & 0o777).toBe(0o600)
    expect(statSync(backupFolder(folder)).mode & 0o777).toBe(0o700)
    expect(readdirSync(backupFolder(folder))).toEqual([backup])
    expect(readFileSync(join(backupFolder(folder), String(backup)), 'utf8')).toContain('name: Ada')
  })

  test('refuses what breaks the schema, without its text', async () => {
    const folder = temporaryFolder()
    const bad = { ...sampleProfile(), name: '', facts: [CANARY] }
    await expect(writeProfile(folder, bad)).rejects.toMatchObject({
      code: 'profile_invalid',
      message: expect.not.stringContaining(CANARY),
    })
    expect(readdirSync(folder)).toEqual([])
  })

  test.each(['../ada', 'a/b', '', '.', 'none', 'A', 'a'.repeat(65)])(
    'never leaves the folder: id %j',
    async (id) => {
      const folder = temporaryFolder()
      const refused = { code: 'profile_not_found' }
      await expect(writeProfile(folder, { ...sampleProfile(), id })).rejects.toMatchObject(refused)
      await expect(deleteProfile(folder, id)).rejects.toMatchObject(refused)
      await expect(restoreProfile(folder, id)).rejects.toMatchObject(refused)
    },
  )

  test('leaves a link alone', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'dotfiles'))
    writeFileSync(join(folder, 'dotfiles', 'ada.yaml'), 'id: ada\nname: Ada\n')
    symlinkSync('dotfiles/ada.yaml', join(folder, 'ada.yaml'))
    await expect(writeProfile(folder, sampleProfile())).rejects.toMatchObject({ code: 'profile_invalid' })
    await expect(deleteProfile(folder, 'ada')).rejects.toMatchObject({ code: 'profile_invalid' })
    expect((await read(folder))?.facts).toEqual([])
  })

  test('holds the old or the new version whole, wherever it is killed (property)', async () => {
    let finished = 0
    const anyStep = fc.integer({ min: 0, max: 14 })
    await fc.assert(
      fc.asyncProperty(
        anyStep,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        async (steps, share, isNew) => {
          const folder = temporaryFolder()
          const before = isNew ? null : sampleProfile()
          const after = sampleProfile({ name: 'Countess', facts: ['She wrote the first program.'] })
          if (before !== null) await writeProfile(folder, before)
          const result = await writeProfile(folder, after, { files: killAfter(steps, share) }).catch(
            (error) => error,
          )

          const found = await read(folder)
          if (!(result instanceof Killed)) {
            finished++
            expect(found).toEqual(after)
          } else if (found === null) expect(before).toBeNull()
          else expect([before, after]).toContainEqual(found)
          if (before !== null && found?.name === 'Countess')
            expect(await listBackups(folder, 'ada')).toHaveLength(1)
          expect(readdirSync(folder).filter((name) => !name.startsWith('.'))).toEqual(
            found === null ? [] : ['ada.yaml'],
          )
        },
      ),
      { numRuns: 120 },
    )
    expect(finished).toBeGreaterThan(0)
  })

  test('removes its unfinished file when the disk refuses', async () => {
    const folder = temporaryFolder()
    const rename = () => Promise.reject(new Error('disk full'))
    await expect(
      writeProfile(folder, sampleProfile(), { files: { ...systemFiles, rename } }),
    ).rejects.toThrow('disk')
    expect(readdirSync(backupFolder(folder))).toEqual([])
  })

  test('keeps backups on file systems without hard links', async () => {
    const folder = temporaryFolder()
    const link = () => Promise.reject(new Error('not supported'))
    const options = { files: { ...systemFiles, link } }
    await writeProfile(folder, sampleProfile(), options)
    await writeProfile(folder, sampleProfile({ name: 'Countess' }), options)
    expect(await listBackups(folder, 'ada')).toHaveLength(1)
  })
})
