import { join } from 'node:path'
import { errorCode } from '../../error-code.ts'
import { GatewayError } from '../../gateway-error.ts'
import { FileRefused, withFileLimit } from '../../read-regular-file.ts'
import { isProfileId } from '../profile.ts'
import type { FileOperations } from './file-operations.ts'
import { systemFiles } from './file-operations.ts'
import { PROFILE_EXTENSION } from './load-profile.ts'
import { newBackupPath, pruneBackups } from './profile-backups.ts'

export interface WriteOptions {
  readonly now?: () => Date
  readonly files?: FileOperations
}

/**
 * The file of a profile. Throws `profile_not_found` for what cannot be an id, so that no id leaves the
 * folder.
 */
export function profilePath(folder: string, id: string): string {
  if (isProfileId(id)) return join(folder, `${id}${PROFILE_EXTENSION}`)
  const message = 'A profile id is kebab-case (a-z, 0-9, "-"), at most 64 characters, and not "none".'
  throw new GatewayError('profile_not_found', message)
}

/**
 * Puts a text in the place of a profile's file, readable by its owner only. At every moment, a kill included,
 * the file holds either the old or the new text whole. Returns the path of the backup of the old one, null
 * when there was none.
 */
export async function replaceProfileFile(
  folder: string,
  {
    id,
    source,
    options = {},
  }: { readonly id: string; readonly source: string; readonly options?: WriteOptions },
): Promise<string | null> {
  const { now = () => new Date(), files = systemFiles } = options
  const path = profilePath(folder, id)
  const replaces = await isOwnFile(path, files)
  const stamp = now()
  // Written among the backups: no watcher takes it for a profile, and a leftover is pruned with them.
  const temporary = await newBackupPath(folder, { id, now: stamp, ending: 'tmp', files })
  const backup = replaces ? await newBackupPath(folder, { id, now: stamp, ending: 'yaml', files }) : null
  try {
    await writeDurably(temporary, source, files)
    if (backup !== null) await keepAs(path, backup, files)
    await files.rename(temporary, path)
  } catch (error) {
    await files.rm(temporary, { force: true })
    throw error
  }
  await syncFolder(folder, files)
  await pruneBackups(folder, id, files)
  return backup
}

/**
 * Whether the file exists. Throws `profile_invalid` when it is a link, which something else looks after, or
 * no regular file, which may never open.
 */
export async function isOwnFile(path: string, files: FileOperations): Promise<boolean> {
  let isLink: boolean
  try {
    const stats = await withFileLimit(path, () => files.lstat(path))
    if (stats.isFile()) return true
    isLink = stats.isSymbolicLink()
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    if (error instanceof FileRefused)
      throw new GatewayError('profile_invalid', `${path} cannot be read: ${error.message}.`)
    throw error
  }
  throw new GatewayError(
    'profile_invalid',
    isLink
      ? `${path} is a link. Change the profile where the link's target is kept.`
      : `${path} is no regular file. Move it away, or choose another id.`,
  )
}

/** Makes renames in a folder outlast a power failure, on systems where a folder can be opened. */
export async function syncFolder(folder: string, files: FileOperations): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await files.open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function writeDurably(path: string, text: string, files: FileOperations): Promise<void> {
  const handle = await files.open(path, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function keepAs(path: string, backup: string, files: FileOperations): Promise<void> {
  try {
    await files.link(path, backup)
  } catch {
    // Some file systems have no hard links.
    await files.copyFile(path, backup)
  }
}
