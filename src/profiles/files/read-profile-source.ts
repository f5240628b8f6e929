import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { errorCode } from '../../error-code.ts'
import { profilePath } from './replace-profile-file.ts'

/** A profile's file as it stands, which may be broken. */
export interface ProfileSource {
  readonly text: string
  /** SHA-256 of the file, hex: equal for equal versions. */
  readonly version: string
}

/** Reads a profile's file; null when there is none. Throws `profile_not_found` for what cannot be an id. */
export async function readProfileSource(folder: string, id: string): Promise<ProfileSource | null> {
  try {
    const bytes = await readFile(profilePath(folder, id))
    return { text: bytes.toString('utf8'), version: createHash('sha256').update(bytes).digest('hex') }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
}
