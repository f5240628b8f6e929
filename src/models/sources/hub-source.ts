import { createWriteStream } from 'node:fs'
import { copyFile, link, rm, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { downloadFile, fileDownloadInfo, HubApiError } from '@huggingface/hub'
import type { Environment } from '../../environment.ts'
import { storageFailureCode } from '../../slm/storage-failure.ts'
import type { HubSource } from '../catalogue.ts'
import { digestOfBlob, findInHubCache } from './hub-cache.ts'
import { createHubFetch } from './hub-fetch.ts'
import { SourceFailure } from './source-failure.ts'

export interface SourceTarget {
  /** The file to write. What it holds already is continued where the source can do that. */
  readonly partial: string
  /** As the catalogue has it; null where that is for the source to say. */
  readonly bytes: number | null
  /** Where to end: only the beginning of the file is brought then, unless the cache has all of it. */
  readonly until?: number | undefined
  readonly onBytes: (receivedBytes: number, totalBytes: number) => void
  readonly signal?: AbortSignal | undefined
}

/** What the hub itself says of a file. */
export interface HubFile {
  readonly bytes: number
  /** Null where it names another kind of digest. */
  readonly sha256: string | null
}

const SHA256 = /^[0-9a-f]{64}$/

/**
 * Brings a file of the hub into `target.partial`: out of the hub's cache on this machine, or over the
 * network, continuing a partial download. Rejects with SourceFailure, or with the system's error when the
 * file cannot be written. The content is not verified here; what the hub says of it is returned.
 */
export async function fetchFromHub(
  source: HubSource,
  target: SourceTarget,
  environment: Environment,
): Promise<HubFile> {
  const cached = await findInHubCache(source, environment.hubCache)
  if (cached) return takeCached(cached, target)
  if (environment.hubOffline)
    throw new SourceFailure('HF_HUB_OFFLINE is set and the file is not in the hub cache')
  const hub = createHubFetch(target.signal)
  try {
    return await download(source, target, { environment, fetch: hub.fetch })
  } catch (error) {
    target.signal?.throwIfAborted()
    if (storageFailureCode(error) !== null) throw error
    throw new SourceFailure(hubFailureReason(error), { cause: error })
  } finally {
    await hub.close()
  }
}

async function download(
  { repo, file, revision }: HubSource,
  { partial, bytes: wanted, until, onBytes, signal }: SourceTarget,
  { environment, fetch }: { readonly environment: Environment; readonly fetch: typeof globalThis.fetch },
): Promise<HubFile> {
  const { hubUrl, hubToken } = environment
  const access = { ...(hubUrl && { hubUrl }), ...(hubToken && { accessToken: hubToken }) }
  const request = { repo, path: file, revision, fetch, ...access }
  const info = await fileDownloadInfo(request)
  if (!info) throw new SourceFailure('there is no such file')
  const bytes = info.size
  if (wanted !== null && bytes !== wanted)
    throw new SourceFailure(`the file there has ${bytes} bytes instead of ${wanted}`)
  // Xet's chunk protocol cannot continue a partial file
  const blob = await downloadFile({ ...request, downloadInfo: info, xet: false })
  if (!blob) throw new SourceFailure('there is no such file')
  const end = Math.min(until ?? bytes, bytes)
  const have = await usableBytes(partial, end)
  let received = have
  let broken: unknown = null
  onBytes(received, bytes)
  await pipeline(
    // A stream that breaks off would take with it what has come and is not written yet
    async function* () {
      try {
        for await (const chunk of blob.slice(have, end).stream() as ReadableStream<Uint8Array>) {
          received += chunk.length
          onBytes(received, bytes)
          yield chunk
        }
      } catch (error) {
        broken = error
      }
    },
    createWriteStream(partial, { flags: have > 0 ? 'a' : 'w' }),
    ...(signal ? [{ signal }] : []),
  )
  if (broken !== null) throw broken
  if (received < end) throw new SourceFailure(`the connection ended after ${received} of ${end} bytes`)
  return { bytes, sha256: sha256Of(info.etag) }
}

/** How much of a partial file can be continued; what the hub's cache has as well is not written into. */
async function usableBytes(partial: string, bytes: number): Promise<number> {
  const found = await stat(partial).catch(() => null)
  if (found === null || found.size >= bytes) return 0
  if (found.nlink === 1) return found.size
  await rm(partial)
  return 0
}

function sha256Of(etag: string): string | null {
  const digest = etag.replace(/^W\/|"/g, '')
  return SHA256.test(digest) ? digest : null
}

/** The cache names a file's content by the digest that the hub gives it. */
async function takeCached(cached: string, { partial, onBytes }: SourceTarget): Promise<HubFile> {
  await rm(partial, { force: true })
  await link(cached, partial).catch(() => copyFile(cached, partial))
  const { size } = await stat(partial)
  onBytes(size, size)
  const digest = digestOfBlob(cached)
  return { bytes: size, sha256: digest?.kind === 'sha256' ? digest.hex : null }
}

/** Why the hub did not give something: a clause for people. */
export function hubFailureReason(error: unknown): string {
  if (error instanceof SourceFailure) return error.message
  if (error instanceof HubApiError) {
    const { statusCode } = error
    if (statusCode === 401 || statusCode === 403) return `access denied (HTTP ${statusCode}); set HF_TOKEN`
    return statusCode === 404 ? 'not found (HTTP 404)' : `the hub answered HTTP ${statusCode}`
  }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (cause instanceof Error && 'code' in cause) return `the hub cannot be reached (${String(cause.code)})`
  return `the transfer broke off (${error instanceof Error ? error.message : String(error)})`
}
