import { rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Environment } from '../../environment.ts'
import { fileDigest, gitDigest } from '../file-digest.ts'
import type { PullObserver } from '../pull-event.ts'
import type { HubRepository, ListedFile } from './hub-repository.ts'
import { fetchFromHub } from './hub-source.ts'
import { SourceFailure } from './source-failure.ts'

/** Where what is fetched of a repository comes, whatever folders its files lie in there. */
export interface FolderTarget {
  /** Exists. What it holds already is continued. */
  readonly folder: string
  readonly environment: Environment
  readonly onEvent?: PullObserver | undefined
  readonly signal?: AbortSignal | undefined
}

interface FileTarget extends FolderTarget {
  readonly onBytes?: (receivedBytes: number) => void
  /** Bytes of its beginning that are enough for now. */
  readonly until?: number
}

/** Bytes of files together, as the hub lists them; a file that it does not list has none. */
export function bytesOf({ files }: HubRepository, ...names: readonly string[]): number {
  return names.reduce((sum, name) => sum + (files.get(name)?.bytes ?? 0), 0)
}

/**
 * Brings a file of a repository: leaves one of the right length as it is, and continues a shorter one.
 * Rejects with SourceFailure, or with the system's error when it cannot be written.
 */
export async function bringFile(
  repository: HubRepository,
  file: string,
  { folder, environment, signal, until, onBytes = () => undefined }: FileTarget,
): Promise<void> {
  const partial = join(folder, basename(file))
  const bytes = bytesOf(repository, file)
  const size = (await stat(partial).catch(() => null))?.size ?? 0
  if (size === bytes || (until !== undefined && size >= until && size < bytes)) {
    onBytes(size)
    return
  }
  const { repo, commit } = repository
  const source = { kind: 'hub', repo, file, revision: commit } as const
  await fetchFromHub(source, { partial, bytes, until, onBytes, signal }, environment)
}

/** Brings all of some files, whose bytes count together, and checks each against the hub's digest. */
export async function bringFiles(
  repository: HubRepository,
  names: readonly string[],
  target: FolderTarget,
): Promise<void> {
  const { onEvent } = target
  const totalBytes = bytesOf(repository, ...names)
  let before = 0
  for (const name of names) {
    const onBytes = (received: number) =>
      onEvent?.({ type: 'bytes-received', receivedBytes: before + received, totalBytes })
    await bringFile(repository, name, { ...target, onBytes })
    before += bytesOf(repository, name)
  }
  onEvent?.({ type: 'verifying' })
  for (const name of names) await requireAsListed(repository, name, target)
}

/** Deletes a file that is not what the hub lists, and throws SourceFailure then. */
export async function requireAsListed(
  { files }: HubRepository,
  name: string,
  { folder, signal }: FolderTarget,
): Promise<void> {
  const path = join(folder, basename(name))
  const listed = files.get(name)
  if (listed !== undefined && (await isAsListed(path, listed, signal))) return
  await rm(path, { force: true })
  throw new SourceFailure(`what it gave for ${name} is another file (its digest differs from the hub's)`)
}

/** Whether a file is there and has the content that the hub lists. */
export async function isAsListed(
  path: string,
  { bytes, digest }: ListedFile,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const found = await stat(path).catch(() => null)
  if (found?.size !== bytes) return false
  if (digest === null) return true
  const { kind, hex } = digest
  return hex === (kind === 'sha256' ? await fileDigest(path, signal) : await gitDigest(path, bytes, signal))
}
