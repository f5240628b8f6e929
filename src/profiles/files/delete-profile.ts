import { basename, join } from 'node:path'
import { GatewayError } from '../../gateway-error.ts'
import { systemFiles } from './file-operations.ts'
import { backupFolder, newBackupPath, parseBackupName, pruneBackups } from './profile-backups.ts'
import type { WriteOptions } from './replace-profile-file.ts'
import { isOwnFile, profilePath, replaceProfileFile, syncFolder } from './replace-profile-file.ts'

/**
 * Moves a profile's file to the backups and returns the backup's name, with which `restoreProfile` undoes it.
 * Throws `profile_not_found`, and `profile_invalid` when the file is a link
 * or no regular file.
 */
export async function deleteProfile(
  folder: string,
  id: string,
  { now = () => new Date(), files = systemFiles }: WriteOptions = {},
): Promise<string> {
  const path = profilePath(folder, id)
  if (!(await isOwnFile(path, files))) {
    throw new GatewayError('profile_not_found', `There is no profile "${id}" to delete.`)
  }
  const backup = await newBackupPath(folder, { id, now: now(), ending: 'yaml', files })
  await files.rename(path, backup)
  await syncFolder(folder, files)
  await pruneBackups(folder, id, files)
  return basename(backup)
}

/**
 * Puts a backup in place again, byte for byte; the version that stands there is kept as a backup in turn.
 * Returns the profile's id. Throws `profile_not_found` when there is no such backup.
 */
export async function restoreProfile(
  folder: string,
  backupName: string,
  options: WriteOptions = {},
): Promise<string> {
  const backup = parseBackupName(backupName)
  if (backup === null) throw backupNotFound()
  const { files = systemFiles } = options
  const path = join(backupFolder(folder), backup.name)
  if (!(await isOwnFile(path, files))) throw backupNotFound()
  const source = await files.readFile(path, 'utf8')
  await replaceProfileFile(folder, { id: backup.id, source, options })
  return backup.id
}

function backupNotFound(): GatewayError {
  return new GatewayError(
    'profile_not_found',
    'There is no such backup (any more). List the backups of the profile.',
  )
}
