import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { GatewayError } from '../../gateway-error.ts'
import type { ImportFile } from '../../profiles/importing/import-file.ts'
import { readProblem, requireRegularFile, withFileLimit } from '../../read-regular-file.ts'

/** In a folder, what a name must end with; an mbox often has no ending. */
const WANTED = /(?:\.(?:json|zip|mbox|eml|md|markdown|txt|text)|(?:^|[\\/])[^.]+)$/i

/**
 * The files that paths name, those of folders included, each opened when it is read. Rejects with
 * `invalid_request` for a path that cannot be read.
 */
export async function* importPaths(paths: readonly string[]): AsyncGenerator<ImportFile> {
  for (const path of paths) {
    const found = await withFileLimit(path, () => stat(path)).catch((error: unknown) => {
      throw unreadable(path, error)
    })
    if (found.isDirectory()) yield* folderFiles(path)
    else yield await importFile(path, basename(path))
  }
}

async function* folderFiles(folder: string): AsyncGenerator<ImportFile> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    throw unreadable(folder, error)
  })
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((name) => WANTED.test(name) && !name.split(/[\\/]/).some((part) => part.startsWith('.')))
  for (const name of files.sort()) yield await importFile(join(folder, name), name)
}

async function importFile(path: string, name: string): Promise<ImportFile> {
  try {
    await requireRegularFile(path)
    const { mtime } = await withFileLimit(path, () => stat(path))
    return { name, modified: mtime.toISOString().slice(0, 10), bytes: bytesOf(path) }
  } catch (error) {
    throw unreadable(path, error)
  }
}

async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: 256 * 1024 })
  } catch (error) {
    throw error instanceof GatewayError ? error : unreadable(path, error)
  }
}

function unreadable(path: string, error: unknown): GatewayError {
  return new GatewayError('invalid_request', `${path} cannot be read (${readProblem(error)}).`)
}
