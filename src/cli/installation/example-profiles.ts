import { constants } from 'node:fs'
import { chmod, copyFile, mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { errorCode } from '../../error-code.ts'
import { shippedProfiles } from './shipped-files.ts'

/**
 * Copies the invented people into a folder that only the user can read, and leaves files alone that are
 * there.
 */
export async function copyExampleProfiles(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  for (const shipped of shippedProfiles()) {
    const target = join(folder, basename(shipped))
    try {
      await copyFile(shipped, target, constants.COPYFILE_EXCL)
      await chmod(target, 0o600)
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error
    }
  }
}
