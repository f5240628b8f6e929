import { basename } from 'node:path'
import type { Profile } from '../profile.ts'
import { profileInvalid } from '../profile-problem.ts'
import { systemFiles } from './file-operations.ts'
import { parseProfile } from './parse-profile.ts'
import type { WriteOptions } from './replace-profile-file.ts'
import { isOwnFile, profilePath, replaceProfileFile } from './replace-profile-file.ts'
import { serializeProfile } from './serialize-profile.ts'

/**
 * Writes a profile's file, atomically and readable by its owner only. Comments at unchanged keys stay.
 * Returns the name of the backup of the version before, null for a new profile. Throws `profile_invalid` when
 * the profile breaks the schema or its file is a link.
 */
export async function writeProfile(
  folder: string,
  profile: Profile,
  options: WriteOptions = {},
): Promise<string | null> {
  const path = profilePath(folder, profile.id)
  const previous = await readIfPresent(path, options)
  const source = serializeProfile(profile, previous)
  const parsed = parseProfile(source, path)
  if (!parsed.ok) throw profileInvalid(parsed.problems)
  const backup = await replaceProfileFile(folder, { id: profile.id, source, options })
  return backup === null ? null : basename(backup)
}

async function readIfPresent(
  path: string,
  { files = systemFiles }: WriteOptions,
): Promise<string | undefined> {
  return (await isOwnFile(path, files)) ? files.readFile(path, 'utf8') : undefined
}
