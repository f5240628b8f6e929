import { readdir, realpath, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { HUB_URL, HubApiError, listFiles, modelInfo } from '@huggingface/hub'
import { z } from 'zod'
import type { Environment } from '../../environment.ts'
import { modelFiles, neededFiles } from '../files/model-files.ts'
import { ggufChoices } from './gguf-choice.ts'
import { digestOfBlob, type HubDigest, snapshotIn } from './hub-cache.ts'
import { createHubFetch } from './hub-fetch.ts'
import { hubFailureReason } from './hub-source.ts'
import { SourceFailure } from './source-failure.ts'

const REVISION = 'main'

export interface ListedFile {
  readonly bytes: number
  /** Null where nobody says. */
  readonly digest: HubDigest | null
}

/** A repository of the hub as it is at one commit. */
export interface HubRepository {
  readonly repo: string
  readonly commit: string
  /** Whether its files are only for those who accepted its terms. */
  readonly isGated: boolean
  /** Whether only what the cache on this machine has of it is known. */
  readonly isCached: boolean
  /** All of its files, by their paths in it. */
  readonly files: ReadonlyMap<string, ListedFile>
}

interface LookUpOptions {
  readonly environment: Environment
  readonly signal?: AbortSignal | undefined
}

/**
 * What a repository of the hub holds now; where the hub is not to be asked, or cannot be, what its cache on
 * this machine holds of it, if that is whole: a model with safetensors, or GGUF files. Rejects with
 * SourceFailure.
 */
export async function lookUpRepository(
  repo: string,
  { environment, signal }: LookUpOptions,
): Promise<HubRepository> {
  const cached = () => cachedRepository(repo, environment.hubCache)
  if (environment.hubOffline) {
    const found = await cached()
    if (found !== null) return found
    throw new SourceFailure('HF_HUB_OFFLINE is set and the hub cache does not have all of it')
  }
  const hub = createHubFetch(signal)
  try {
    return await askHub(repo, environment, hub.fetch)
  } catch (error) {
    signal?.throwIfAborted()
    const found = await cached()
    if (found !== null) return found
    throw new SourceFailure(lookUpReason(error), { cause: error })
  } finally {
    await hub.close()
  }
}

const infoSchema = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  gated: z.union([z.boolean(), z.string()]).nullish(),
})

const bytes = z.int().min(0)

/** As `GET /api/models/<repo>/tree/<revision>` lists them; `lfs.oid` is a SHA-256, `oid` that of Git. */
const entrySchema = z.object({
  type: z.string(),
  path: z.string(),
  size: bytes,
  oid: z.string().nullish(),
  lfs: z.object({ oid: z.string(), size: bytes }).nullish(),
})

async function askHub(
  repo: string,
  { hubUrl, hubToken }: Environment,
  fetch: typeof globalThis.fetch,
): Promise<HubRepository> {
  const access = { fetch, ...(hubUrl && { hubUrl }), ...(hubToken && { accessToken: hubToken }) }
  const info = { name: repo, revision: REVISION, additionalFields: ['sha' as const], ...access }
  const { sha: commit, gated } = infoSchema.parse(await modelInfo(info))
  const files = new Map<string, ListedFile>()
  for await (const listed of listFiles({ repo, revision: commit, recursive: true, ...access })) {
    const { type, path, size, oid, lfs } = entrySchema.parse(listed)
    if (type !== 'file') continue
    const git = oid == null ? null : ({ kind: 'git', hex: oid } as const)
    files.set(path, { bytes: size, digest: lfs == null ? git : { kind: 'sha256', hex: lfs.oid } })
  }
  return { repo, commit, isGated: gated != null && gated !== false, isCached: false, files }
}

async function cachedRepository(repo: string, hubCache: string): Promise<HubRepository | null> {
  const { commit, folder } = await snapshotIn(hubCache, { repo, revision: REVISION })
  const names = [...(await wholeFolder(folder)), ...(await wholeGgufs(folder))]
  const files = await Promise.all(
    names.map(async (name) => {
      const real = await realpath(join(folder, name))
      const { size } = await stat(real)
      return [name, { bytes: size, digest: digestOfBlob(real) }] as const
    }),
  )
  return names.length > 0 ? { repo, commit, isGated: false, isCached: true, files: new Map(files) } : null
}

/** Of a model with safetensors, where nothing is missing. */
async function wholeFolder(folder: string): Promise<string[]> {
  const paths = await modelFiles({ format: 'safetensors', path: folder }).catch(() => [])
  const names = paths.map((path) => relative(folder, path))
  return neededFiles.every((needed) => names.includes(needed)) ? names : []
}

async function wholeGgufs(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  return ggufChoices(names.map((name) => name.split(sep).join('/'))).flatMap(({ files }) => files)
}

/** Has `fetch` fail in words that help where a gated repository denies its files. */
export async function sayingTerms<T>(
  { repo, isGated }: HubRepository,
  { hubUrl }: Environment,
  fetch: () => Promise<T>,
): Promise<T> {
  try {
    return await fetch()
  } catch (error) {
    const isDenied =
      error instanceof SourceFailure &&
      error.cause instanceof HubApiError &&
      [401, 403].includes(error.cause.statusCode)
    if (!isDenied || !isGated) throw error
    const page = `${hubUrl ?? HUB_URL}/${repo}`
    const what = `it is gated: accept its terms at ${page}, and set HF_TOKEN to a token of that account`
    throw new SourceFailure(what, { cause: error })
  }
}

function lookUpReason(error: unknown): string {
  if (error instanceof z.ZodError) return 'what the hub says of it makes no sense'
  // It answers so for private repositories as well, and without a token for those that do not exist
  if (error instanceof HubApiError && [401, 403, 404].includes(error.statusCode))
    return `there is no such repository, or it is a private one (HTTP ${error.statusCode}); check its name, or set HF_TOKEN`
  return hubFailureReason(error)
}
