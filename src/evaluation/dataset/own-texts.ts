import type { Profile } from '../../profiles/profile.ts'
import { entryTask } from '../../profiles/rendering/entry-task.ts'
import type { DatasetRow } from './dataset-row.ts'

/** A profile's own past texts as rows, each written for its task by a user whose profile does not hold it. */
export function rowsOfProfile(profile: Profile): DatasetRow[] {
  return profile.history.map((entry, index) => ({
    id: `text-${index + 1}`,
    query: entryTask(entry),
    reference: entry.text,
    profile: { ...profile, history: profile.history.filter((other) => other !== entry) },
  }))
}
