import { realpath } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { readRegularFile, requireRegularFile } from '../../read-regular-file.ts'
import type { HubSource } from '../catalogue.ts'

const MAX_REF_BYTES = 1024

/** What the hub says of a file's content: large files have a SHA-256, others what Git calls them. */
export interface HubDigest {
  readonly kind: 'sha256' | 'git'
  readonly hex: string
}

/**
 * Where the cache that the hub's programs share would have a revision, and its commit: branches are files
 * that name one. Nothing need be there.
 */
export async function snapshotIn(
  hubCache: string,
  { repo, revision }: Pick<HubSource, 'repo' | 'revision'>,
): Promise<{ readonly commit: string; readonly folder: string }> {
  const folder = join(hubCache, `models--${repo.replace('/', '--')}`)
  const named = await readRegularFile(join(folder, 'refs', revision), MAX_REF_BYTES)
    .then((bytes) => bytes.toString('utf8'))
    .catch(() => revision)
  const commit = named.trim()
  return { commit, folder: join(folder, 'snapshots', commit) }
}

/** A file in that cache, or null. */
export async function findInHubCache(source: HubSource, hubCache: string): Promise<string | null> {
  const { folder } = await snapshotIn(hubCache, source)
  return realpath(join(folder, source.file))
    .then((path) => requireRegularFile(path).then(() => path))
    .catch(() => null)
}

/** The hub's digest of a file's content, after which that cache names it; null where it does not. */
export function digestOfBlob(path: string): HubDigest | null {
  const name = basename(path)
  if (/^[0-9a-f]{64}$/.test(name)) return { kind: 'sha256', hex: name }
  return /^[0-9a-f]{40}$/.test(name) ? { kind: 'git', hex: name } : null
}
