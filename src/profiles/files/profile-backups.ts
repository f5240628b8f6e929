import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { errorCode } from '../../error-code.ts'
import { withFileLimit } from '../../read-regular-file.ts'
import { isProfileId } from '../profile.ts'
import type { FileOperations } from './file-operations.ts'
import { systemFiles } from './file-operations.ts'
import { textsPath } from './texts-file.ts'

const BACKUPS_PER_PROFILE = 20
/** What all earlier versions of a profile's texts may take; the newest is kept whatever it takes. */
const MOST_TEXTS_BYTES = 256 * 1024 * 1024
const BACKUP_PATTERN =
  /^([a-z0-9-]+)\.(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3})Z\.[0-9a-f]{8}\.(yaml|texts\.jsonl|tmp)$/

/** The files of a profile, by their endings: its own, and that of the texts beside it. */
export type ProfileFileEnding = 'yaml' | 'texts.jsonl'

/** An earlier version of a profile file. */
export interface ProfileBackup {
  /** The file's name in the backup folder. */
  readonly name: string
  readonly id: string
  readonly ending: ProfileFileEnding
  /** When this version was replaced or deleted. */
  readonly savedAt: Date
}

/** The folder that holds the earlier versions of the profiles in `folder`. */
export function backupFolder(folder: string): string {
  return join(folder, '.backups')
}

/** A new name in the backup folder, which is made if need be, readable by its owner only. */
export async function newBackupPath(
  folder: string,
  {
    id,
    now,
    ending,
    files,
  }: { id: string; now: Date; ending: ProfileFileEnding | 'tmp'; files: FileOperations },
): Promise<string> {
  await files.mkdir(backupFolder(folder), { recursive: true, mode: 0o700 })
  const stamp = now.toISOString().replace(/[:.]/g, '-')
  return join(backupFolder(folder), `${id}.${stamp}.${randomBytes(4).toString('hex')}.${ending}`)
}

/** The earlier versions of one profile and of its texts, newest first; of a deleted profile both are one. */
export async function listBackups(folder: string, id: string): Promise<ProfileBackup[]> {
  const names = await backupNames(folder, id, systemFiles)
  const isDeleted = new Set(names.filter((name) => name.endsWith('.yaml')).map(textsPath))
  return names.flatMap((name) => (isDeleted.has(name) ? [] : (parseBackupName(name) ?? [])))
}

/** Of each profile that has backups, the newest one of its own file; in the order of ids. */
export async function newestBackups(folder: string): Promise<ProfileBackup[]> {
  const newest = new Map<string, ProfileBackup>()
  // Names begin with the id and the time, so that the last of an id is its newest
  for (const name of (await everyBackup(folder, systemFiles)).sort()) {
    const backup = parseBackupName(name)
    if (backup?.ending === 'yaml') newest.set(backup.id, backup)
  }
  return [...newest.values()]
}

/** Removes all but the newest versions of one profile, and what a killed write left behind long ago. */
export async function pruneBackups(folder: string, id: string, files: FileOperations): Promise<void> {
  const names = await backupNames(folder, id, files)
  const texts = names.filter((name) => name.endsWith('.jsonl'))
  const others = names.filter((name) => !name.endsWith('.jsonl'))
  const old = [
    ...others.slice(BACKUPS_PER_PROFILE),
    ...texts.slice(await affordableTexts(folder, texts, files)),
  ]
  await Promise.all(old.map((name) => files.rm(join(backupFolder(folder), name), { force: true })))
}

/** How many of the newest versions of texts are kept. */
async function affordableTexts(
  folder: string,
  names: readonly string[],
  files: FileOperations,
): Promise<number> {
  let bytes = 0
  for (const [index, name] of names.slice(0, BACKUPS_PER_PROFILE).entries()) {
    bytes += (await files.lstat(join(backupFolder(folder), name))).size
    if (index > 0 && bytes > MOST_TEXTS_BYTES) return index
  }
  return BACKUPS_PER_PROFILE
}

/** What a backup's name says; null for any other name, paths included. */
export function parseBackupName(name: string): ProfileBackup | null {
  const [, id, stamp, ending] = BACKUP_PATTERN.exec(name) ?? []
  if (id === undefined || stamp === undefined || !isProfileId(id)) return null
  if (ending !== 'yaml' && ending !== 'texts.jsonl') return null
  const savedAt = new Date(`${stamp.replace(/T(\d\d)-(\d\d)-(\d\d)-/, 'T$1:$2:$3.')}Z`)
  return { name, id, ending, savedAt }
}

async function backupNames(folder: string, id: string, files: FileOperations): Promise<string[]> {
  const names = await everyBackup(folder, files)
  return names
    .filter((name) => BACKUP_PATTERN.exec(name)?.[1] === id)
    .sort()
    .reverse()
}

async function everyBackup(folder: string, files: FileOperations): Promise<string[]> {
  try {
    const path = backupFolder(folder)
    return await withFileLimit(path, () => files.readdir(path))
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return []
    throw error
  }
}
