import { readdir, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { withFileLimit } from '../../read-regular-file.ts'
import { isProfileId } from '../profile.ts'

/**
 * Where the local model keeps what it has read of a folder's profiles: a folder for each model, in it one for
 * each profile. `src/slm/cache/block-folder.ts` fills it.
 */
function readFolder(folder: string): string {
  return join(folder, '.read')
}

/** The same where the folder of profiles can be looked at; null where it is missing or does not answer. */
export async function readFolderAt(folder: string): Promise<string | null> {
  return withFileLimit(folder, () => stat(folder)).then(
    () => readFolder(folder),
    () => null,
  )
}

const MODEL_PATTERN = /^[0-9a-f]{16}$/

/** Removes what was read of one profile. What cannot be removed stays: it is read by nobody any more. */
export async function removeRead(folder: string, id: string): Promise<void> {
  if (!isProfileId(id)) return
  for (const model of await modelsOf(folder)) await removed(join(readFolder(folder), model, id))
}

/** Removes what was read of all profiles, and nothing that somebody else has put there. */
export async function removeEverythingRead(folder: string): Promise<void> {
  const path = readFolder(folder)
  for (const name of [...(await modelsOf(folder)), '.gitignore', 'CACHEDIR.TAG'])
    await removed(join(path, name))
  await rmdir(path).catch(() => {})
}

async function modelsOf(folder: string): Promise<string[]> {
  const path = readFolder(folder)
  const names = await withFileLimit(path, () => readdir(path)).catch(() => [])
  return names.filter((name) => MODEL_PATTERN.test(name))
}

function removed(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true }).catch(() => {})
}
