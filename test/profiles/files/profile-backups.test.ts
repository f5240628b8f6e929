import { expect, test } from 'vitest'
import { deleteProfile } from '../../../src/profiles/files/delete-profile.ts'
import { listBackups, newestBackups } from '../../../src/profiles/files/profile-backups.ts'
import { writeProfile } from '../../../src/profiles/files/write-profile.ts'
import { temporaryFolder } from '../../setup/temporary-folder.ts'
import { sampleProfile } from '../sample-profile.ts'

test('backups are listed newest first, and only the newest twenty are kept', async () => {
  const folder = temporaryFolder()
  for (let second = 0; second < 24; second++) {
    const now = () => new Date(Date.UTC(2025, 0, 1, 12, 0, second, 5))
    await writeProfile(folder, sampleProfile({ name: `Ada ${second}` }), { now })
  }
  await writeProfile(folder, sampleProfile({ id: 'ada-2' }))
  await deleteProfile(folder, 'ada-2')
  const backups = await listBackups(folder, 'ada')
  expect(backups).toHaveLength(20)
  expect(backups[0]).toMatchObject({ id: 'ada', savedAt: new Date(Date.UTC(2025, 0, 1, 12, 0, 23, 5)) })
  expect(backups.at(-1)?.savedAt.getUTCSeconds()).toBe(4)
  expect(await listBackups(folder, 'ada-2')).toHaveLength(1)
  expect(await listBackups(folder, 'bob')).toEqual([])
})

test('of each profile the newest backup of its own file can be found', async () => {
  const folder = temporaryFolder()
  expect(await newestBackups(folder)).toEqual([])
  for (const [second, id] of ['ada', 'bob', 'ada', 'ada', 'bob'].entries()) {
    const now = () => new Date(Date.UTC(2025, 0, 1, 12, 0, second))
    await writeProfile(folder, sampleProfile({ id }), { now })
  }
  const newest = await newestBackups(folder)
  expect(newest.map(({ id, savedAt }) => [id, savedAt.getUTCSeconds()])).toEqual([
    ['ada', 3],
    ['bob', 4],
  ])
})
