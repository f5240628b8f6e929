import { basename } from 'node:path'
import { PROFILE_EXTENSION } from '../../profiles/files/load-profile.ts'
import { newestBackups } from '../../profiles/files/profile-backups.ts'
import type { ProfileStore } from '../../profiles/profile-store.ts'
import { profileSummary, saysNothing } from '../../profiles/profile-summary.ts'
import type { ProfileEntry, ProfileList } from './profile-wire.ts'

/** Every profile of the store, and what can be restored of those that were deleted. */
export async function profileListing(store: ProfileStore): Promise<ProfileList> {
  const data = profileEntries(store)
  const present = new Set(data.map(({ id }) => id))
  const deleted = (await newestBackups(store.folder))
    .filter(({ id }) => !present.has(id))
    .sort((a, b) => b.savedAt.getTime() - a.savedAt.getTime())
    .map(({ id, savedAt }) => ({ id, deletedAt: savedAt.toISOString() }))
  return { object: 'list', data, deleted }
}

/** Every profile of the store with what is wrong with its file, files that never could be read included. */
function profileEntries(store: ProfileStore): ProfileEntry[] {
  const entries = new Map<string, ProfileEntry>()
  for (const profile of store.list()) {
    entries.set(profile.id, {
      id: profile.id,
      name: profile.name,
      summary: profileSummary(profile),
      empty: saysNothing(profile),
      problems: [],
    })
  }
  for (const { file, line, key, message } of store.problems()) {
    if (file === store.folder) continue
    const id = basename(file, PROFILE_EXTENSION)
    const entry = entries.get(id) ?? { id, name: id, summary: '', empty: false, problems: [] }
    entries.set(id, { ...entry, problems: [...entry.problems, { line, key, message }] })
  }
  return [...entries.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}
