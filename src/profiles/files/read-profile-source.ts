import { createHash } from 'node:crypto'
import { errorCode } from '../../error-code.ts'
import { GatewayError } from '../../gateway-error.ts'
import { FileRefused, readRegularFile } from '../../read-regular-file.ts'
import { MAX_PROFILE_BYTES } from './load-profile.ts'
import { profilePath } from './replace-profile-file.ts'

/** A profile's file as it stands, which may be broken. */
export interface ProfileSource {
  readonly text: string
  /** SHA-256 of the file, hex: equal for equal versions. */
  readonly version: string
}

/**
 * Reads a profile's file; null when there is none. Throws `profile_not_found` for what cannot be an id, and
 * `profile_invalid` for what is no regular file, too large, or does not answer.
 */
export async function readProfileSource(folder: string, id: string): Promise<ProfileSource | null> {
  try {
    const bytes = await readRegularFile(profilePath(folder, id), MAX_PROFILE_BYTES)
    return { text: bytes.toString('utf8'), version: createHash('sha256').update(bytes).digest('hex') }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    if (error instanceof FileRefused)
      throw new GatewayError('profile_invalid', `The file of the profile cannot be read: ${error.message}.`)
    throw error
  }
}
