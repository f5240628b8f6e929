import { basename } from 'node:path'
import { PROFILE_EXTENSION } from '../../profiles/files/load-profile.ts'
import type { ProfileStore } from '../../profiles/profile-store.ts'
import { profileSummary } from '../../profiles/profile-summary.ts'
import type { ProfileEntry } from './profile-wire.ts'

/** Every profile of the store with what is wrong with its file, files that never could be read included. */
export function profileListing(store: ProfileStore): ProfileEntry[] {
  const entries = new Map<string, ProfileEntry>()
  for (const profile of store.list()) {
    entries.set(profile.id, {
      id: profile.id,
      name: profile.name,
      summary: profileSummary(profile),
      problems: [],
    })
  }
  for (const { file, line, key, message } of store.problems()) {
    if (file === store.folder) continue
    const id = basename(file, PROFILE_EXTENSION)
    const entry = entries.get(id) ?? { id, name: id, summary: '', problems: [] }
    entries.set(id, { ...entry, problems: [...entry.problems, { line, key, message }] })
  }
  return [...entries.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}
