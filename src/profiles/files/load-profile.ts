// This room owns profile files: reading, checking, writing, watching, and their backups. No problem or error
// that leaves it repeats what a file says.

import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { FileRefused, readProblem, readRegularFile } from '../../read-regular-file.ts'
import { decodeUtf8 } from '../../read-yaml.ts'
import type { Profile } from '../profile.ts'
import type { ProfileProblem } from '../profile-problem.ts'
import { parseProfile } from './parse-profile.ts'
import { loadTexts, textsPath, textsStamp } from './texts-file.ts'

/** The ending of profile files. */
export const PROFILE_EXTENSION = '.yaml'

export const MAX_PROFILE_BYTES = 4 * 1024 * 1024

/** The hash names the versions of the profile's own file and of the texts beside it. */
export type LoadedProfile =
  | { readonly type: 'loaded'; readonly profile: Profile; readonly hash: string }
  | { readonly type: 'unchanged' }
  /** The hash is null when the profile's own file could not even be read. */
  | { readonly type: 'broken'; readonly problems: readonly ProfileProblem[]; readonly hash: string | null }

/**
 * Reads and checks one profile file, whose name must be its id, and the texts beside it, which become the
 * end of its history. With `knownHash` unchanged files are not parsed again. Never throws for what a file
 * holds or for a file that cannot be read.
 */
export async function loadProfile(
  path: string,
  { knownHash = null }: { readonly knownHash?: string | null } = {},
): Promise<LoadedProfile> {
  const broken = (
    message: string,
    hash: string | null = null,
    line: number | null = null,
    key: string | null = null,
  ) => ({ type: 'broken', problems: [{ file: path, line, key, message }], hash }) satisfies LoadedProfile
  let bytes: Buffer
  try {
    bytes = await readRegularFile(path, MAX_PROFILE_BYTES)
  } catch (error) {
    const isTooLarge = error instanceof FileRefused && error.reason === 'too-large'
    return broken(
      isTooLarge
        ? `is larger than ${MAX_PROFILE_BYTES} bytes; shorten the history`
        : `cannot be read (${readProblem(error)})`,
    )
  }
  const beside = textsPath(path)
  const hash = `${createHash('sha256').update(bytes).digest('hex')} ${await textsStamp(beside)}`
  if (hash === knownHash) return { type: 'unchanged' }

  const source = decodeUtf8(bytes)
  if (source === null) return broken('is not UTF-8 text', hash)
  const parsed = parseProfile(source, path)
  if (!parsed.ok) return { type: 'broken', problems: parsed.problems, hash }
  const expected = basename(path, PROFILE_EXTENSION)
  if (parsed.profile.id !== expected) {
    return broken(`must equal the file's name without ${PROFILE_EXTENSION}`, hash, lineOfId(source), 'id')
  }
  const loaded = await loadTexts(beside)
  if (!loaded.ok) return { type: 'broken', problems: loaded.problems, hash }
  const history = [...parsed.profile.history, ...loaded.texts]
  return { type: 'loaded', profile: { ...parsed.profile, history }, hash }
}

function lineOfId(source: string): number | null {
  const index = source.split('\n').findIndex((line) => /^["']?id["']?\s*:/.test(line))
  return index < 0 ? null : index + 1
}
