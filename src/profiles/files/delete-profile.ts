import { basename, join } from 'node:path'
import { GatewayError } from '../../gateway-error.ts'
import { systemFiles } from './file-operations.ts'
import { backupFolder, newBackupPath, parseBackupName, pruneBackups } from './profile-backups.ts'
import { removeRead } from './read-folder.ts'
import type { WriteOptions } from './replace-profile-file.ts'
import {
  isOwnFile,
  profilePath,
  replaceProfileFile,
  replaceTextsFile,
  syncFolder,
} from './replace-profile-file.ts'
import { textsPath } from './texts-file.ts'

/**
 * Moves a profile's file and its texts to the backups, removes what the local model has read of it, and
 * returns the backup's name, with which `restoreProfile` undoes it. Throws `profile_not_found`, and
 * `profile_invalid` when one of the files is a link or no regular file.
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
  const hasTexts = await isOwnFile(textsPath(path), files)
  const backup = await newBackupPath(folder, { id, now: now(), ending: 'yaml', files })
  await files.rename(path, backup)
  if (hasTexts) await files.rename(textsPath(path), textsPath(backup))
  await syncFolder(folder, files)
  await removeRead(folder, id)
  await pruneBackups(folder, id, files)
  return basename(backup)
}

/**
 * Puts a backup in place again, byte for byte, that of a deleted profile with its texts; the version that
 * stands there is kept as a backup in turn. Returns the profile's id. Throws `profile_not_found` when there
 * is no such backup.
 */
export async function restoreProfile(
  folder: string,
  backupName: string,
  options: WriteOptions = {},
): Promise<string> {
  const backup = parseBackupName(backupName)
  const source = backup === null ? null : await readBackup(folder, backup.name, options)
  if (backup === null || source === null) throw backupNotFound()
  const restored = { id: backup.id, options }
  if (backup.ending === 'yaml') {
    const texts = await readBackup(folder, textsPath(backup.name), options)
    if (texts !== null) await replaceTextsFile(folder, { ...restored, lines: [Buffer.from(texts)] })
    await replaceProfileFile(folder, { ...restored, source })
  } else await replaceTextsFile(folder, { ...restored, lines: [Buffer.from(source)] })
  return backup.id
}

async function readBackup(
  folder: string,
  name: string,
  { files = systemFiles }: WriteOptions,
): Promise<string | null> {
  const path = join(backupFolder(folder), name)
  return (await isOwnFile(path, files)) ? files.readFile(path, 'utf8') : null
}

function backupNotFound(): GatewayError {
  return new GatewayError(
    'profile_not_found',
    'There is no such backup (any more). List the backups of the profile.',
  )
}
