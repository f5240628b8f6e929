import type { Profile } from '../profile.ts'
import type { ProfileProblem } from '../profile-problem.ts'
import { loadProfile, PROFILE_EXTENSION } from './load-profile.ts'

export type ProfileChange =
  | { readonly type: 'profile-loaded'; readonly id: string }
  | { readonly type: 'profile-removed'; readonly id: string }
  /** The last good version of the file, if there was one, stays in use. */
  | { readonly type: 'profile-broken'; readonly problems: readonly ProfileProblem[] }

/** What is known of one profile file. */
export interface ProfileFileState {
  /** The versions last read, good or broken, as `loadProfile` names them; null when they cannot be read. */
  readonly hash: string | null
  /** The last good version. */
  readonly profile: Profile | null
  readonly problems: readonly ProfileProblem[]
}

export const unseenFile: ProfileFileState = { hash: null, profile: null, problems: [] }

/** Reads a file again. The change is null when nothing is new, the same problem included. */
export async function refreshProfileFile(
  path: string,
  before: ProfileFileState,
): Promise<{ readonly state: ProfileFileState; readonly change: ProfileChange | null }> {
  if (!path.endsWith(PROFILE_EXTENSION)) {
    return breakFile(before, null, [
      { file: path, line: null, key: null, message: `must end in ${PROFILE_EXTENSION} to be read` },
    ])
  }
  const loaded = await loadProfile(path, { knownHash: before.hash })
  switch (loaded.type) {
    case 'unchanged':
      return { state: before, change: null }
    case 'loaded': {
      const { hash, profile } = loaded
      return { state: { hash, profile, problems: [] }, change: { type: 'profile-loaded', id: profile.id } }
    }
    case 'broken':
      return breakFile(before, loaded.hash, loaded.problems)
    default:
      return loaded satisfies never
  }
}

function breakFile(before: ProfileFileState, hash: string | null, problems: readonly ProfileProblem[]) {
  const known = hash === before.hash && before.problems[0]?.message === problems[0]?.message
  const change: ProfileChange | null = known ? null : { type: 'profile-broken', problems }
  return { state: { hash, profile: before.profile, problems }, change }
}
