import { join } from 'node:path'
import { errorCode } from '../../error-code.ts'
import { GatewayError } from '../../gateway-error.ts'
import { FileRefused, withFileLimit } from '../../read-regular-file.ts'
import { isProfileId } from '../profile.ts'
import type { FileOperations } from './file-operations.ts'
import { systemFiles } from './file-operations.ts'
import { PROFILE_EXTENSION } from './load-profile.ts'
import { newBackupPath, type ProfileFileEnding, pruneBackups } from './profile-backups.ts'
import { MAX_TEXTS_BYTES, textsPath } from './texts-file.ts'

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
  const path = profilePath(folder, id)
  const replaces = await isOwnFile(path, options.files ?? systemFiles)
  return replaceFile(folder, { id, path, ending: 'yaml', options, replaces, write: source })
}

/**
 * As `replaceProfileFile`, for the file of a profile's texts. Where there was none, its backup is empty.
 * Throws `invalid_request` when it would be too large.
 */
export async function replaceTextsFile(
  folder: string,
  {
    id,
    lines,
    appends = false,
    options = {},
  }: {
    readonly id: string
    readonly lines: readonly Buffer[]
    /** Whether what the file holds stays. */
    readonly appends?: boolean
    readonly options?: WriteOptions
  },
): Promise<string> {
  const path = textsPath(profilePath(folder, id))
  const { files = systemFiles } = options
  const replaces = await isOwnFile(path, files)
  const before = appends && replaces ? [await files.readFile(path)] : []
  const isWhole = before.every((bytes) => bytes.length === 0 || bytes.at(-1) === LINE_BREAK)
  const write = Buffer.concat([...before, ...(isWhole ? [] : [Buffer.of(LINE_BREAK)]), ...lines])
  if (write.length > MAX_TEXTS_BYTES) throw tooLarge()
  const backup = await replaceFile(folder, { id, path, ending: 'texts.jsonl', options, replaces, write })
  if (backup !== null) return backup
  const empty = await newBackupPath(folder, { id, now: (options.now ?? now)(), ending: 'texts.jsonl', files })
  await writeDurably(empty, '', files)
  return empty
}

const LINE_BREAK = 0x0a

function tooLarge(): GatewayError {
  const message = `All texts of a profile take at most ${MAX_TEXTS_BYTES} bytes. Add fewer, or shorter ones.`
  return new GatewayError('invalid_request', message, { param: 'texts' })
}

function now(): Date {
  return new Date()
}

interface Replacement {
  readonly id: string
  readonly path: string
  readonly ending: ProfileFileEnding
  readonly options: WriteOptions
  /** Whether there is a file, which is kept as a backup. */
  readonly replaces: boolean
  readonly write: string | Buffer
}

async function replaceFile(
  folder: string,
  { id, path, ending, options, replaces, write }: Replacement,
): Promise<string | null> {
  const { files = systemFiles } = options
  const stamp = (options.now ?? now)()
  // Written among the backups: no watcher takes it for a profile, and a leftover is pruned with them.
  const temporary = await newBackupPath(folder, { id, now: stamp, ending: 'tmp', files })
  const backup = replaces ? await newBackupPath(folder, { id, now: stamp, ending, files }) : null
  try {
    await writeDurably(temporary, write, files)
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

async function writeDurably(path: string, content: string | Buffer, files: FileOperations): Promise<void> {
  const handle = await files.open(path, 'wx', 0o600)
  try {
    await handle.writeFile(content)
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
