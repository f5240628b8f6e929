import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { HUB_URL, HubApiError } from '@huggingface/hub'
import type { Environment } from '../../environment.ts'
import { modelFileInvalid } from '../../slm/model-file-invalid.ts'
import { readModelConfig } from '../../slm/safetensors/read-model-folder.ts'
import { INDEX_FILE, indexedParts, WEIGHTS_FILE } from '../../slm/safetensors/tensor-files.ts'
import { checkFolderText } from '../check-model.ts'
import { fileDigest, gitDigest } from '../file-digest.ts'
import { aroundWeights, neededFiles } from '../files/model-files.ts'
import { lackOfWeights } from '../files/model-format.ts'
import type { PullObserver } from '../pull-event.ts'
import { type HubRepository, type ListedFile, lookUpRepository } from './hub-repository.ts'
import { fetchFromHub } from './hub-source.ts'
import { SourceFailure } from './source-failure.ts'

interface FolderTarget {
  /** Exists. What it holds already is continued. */
  readonly folder: string
  readonly environment: Environment
  readonly onEvent?: PullObserver | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Brings what is read of a model with safetensors out of its repository on the hub, all at one commit, and
 * checks each file against the digest that the hub names. Configuration and tokenizer come first: what cannot
 * be used is refused before any weights are fetched. Returns the bytes of all files. Rejects with
 * GatewayError `model_file_invalid` for what cannot be used, SourceFailure, or the system's error when a file
 * cannot be written.
 */
export async function fetchFolderFromHub(repo: string, target: FolderTarget): Promise<number> {
  const { environment, signal } = target
  const repository = await lookUpRepository(repo, { environment, signal })
  try {
    return await fetchAll(repository, target)
  } catch (error) {
    signal?.throwIfAborted()
    const isDenied =
      error instanceof SourceFailure &&
      error.cause instanceof HubApiError &&
      [401, 403].includes(error.cause.statusCode)
    if (!isDenied || !repository.isGated) throw error
    const page = `${environment.hubUrl ?? HUB_URL}/${repo}`
    const what = `it is gated: accept its terms at ${page}, and set HF_TOKEN to a token of that account`
    throw new SourceFailure(what, { cause: error })
  }
}

async function fetchAll(repository: HubRepository, target: FolderTarget): Promise<number> {
  const { folder, onEvent, signal } = target
  const { files } = repository
  const around = filesAroundWeights(folder, files)
  for (const name of await readdir(folder)) {
    // Of another commit, in which the weights may have had other files
    if (!files.has(name)) await rm(join(folder, name), { recursive: true })
  }
  const bringChecked = async (name: string) => {
    const listed = files.get(name)
    if (listed === undefined || (await isAsListed(join(folder, name), listed, signal))) return
    await rm(join(folder, name), { force: true })
    await bring(repository, name, target)
    await requireAsListed(repository, name, target)
  }
  await bringChecked('config.json')
  await readModelConfig(folder)
  for (const name of around) await bringChecked(name)
  await checkFolderText(folder)
  const weights = await weightsOf(repository, folder)
  const bytesOf = (name: string) => files.get(name)?.bytes ?? 0
  const totalBytes = weights.reduce((sum, name) => sum + bytesOf(name), 0)
  let before = 0
  for (const name of weights) {
    const onBytes = (received: number) =>
      onEvent?.({ type: 'bytes-received', receivedBytes: before + received, totalBytes })
    await bring(repository, name, { ...target, onBytes })
    before += bytesOf(name)
  }
  onEvent?.({ type: 'verifying' })
  for (const name of weights) await requireAsListed(repository, name, target)
  return around.reduce((sum, name) => sum + bytesOf(name), totalBytes)
}

type Files = HubRepository['files']

/** What is read beside the weights. Throws GatewayError `model_file_invalid` where there is no model. */
function filesAroundWeights(folder: string, files: Files): readonly string[] {
  const names = [...files.keys()]
  if (!files.has(WEIGHTS_FILE) && !files.has(INDEX_FILE)) {
    const gguf = names.find((name) => name.endsWith('.gguf'))
    const what =
      gguf === undefined
        ? `${lackOfWeights(names)} Take a repository with ${WEIGHTS_FILE} or its parts.`
        : `it has GGUF files alone, such as ${gguf}: download one of them and run "costeer import FILE".`
    throw modelFileInvalid(folder, what)
  }
  const missing = neededFiles.find((name) => !files.has(name))
  if (missing !== undefined)
    throw modelFileInvalid(folder, `it has no ${missing}. Take a repository that has one, or a GGUF file.`)
  return aroundWeights.filter((name) => files.has(name) && !(name === INDEX_FILE && files.has(WEIGHTS_FILE)))
}

async function weightsOf({ files }: HubRepository, folder: string): Promise<readonly string[]> {
  if (files.has(WEIGHTS_FILE)) return [WEIGHTS_FILE]
  const parts = await indexedParts(folder)
  const missing = parts.find((part) => !files.has(part))
  if (parts.length > 0 && missing === undefined) return parts
  const what = missing === undefined ? 'its index names no weights' : `its part ${missing} is missing`
  throw modelFileInvalid(folder, `${what}. Take another repository.`)
}

/** Leaves a file of the right length as it is, and continues a shorter one. */
async function bring(
  { repo, commit, files }: HubRepository,
  file: string,
  {
    folder,
    environment,
    signal,
    onBytes = () => undefined,
  }: FolderTarget & { readonly onBytes?: (receivedBytes: number) => void },
): Promise<void> {
  const partial = join(folder, file)
  const bytes = files.get(file)?.bytes ?? 0
  const found = await stat(partial).catch(() => null)
  if (found?.size === bytes) {
    onBytes(bytes)
    return
  }
  const source = { kind: 'hub', repo, file, revision: commit } as const
  await fetchFromHub(source, { partial, bytes, onBytes, signal }, environment)
}

async function requireAsListed(
  { files }: HubRepository,
  name: string,
  { folder, signal }: FolderTarget,
): Promise<void> {
  const path = join(folder, name)
  const listed = files.get(name)
  if (listed !== undefined && (await isAsListed(path, listed, signal))) return
  await rm(path, { force: true })
  throw new SourceFailure(`what it gave for ${name} is another file (its digest differs from the hub's)`)
}

/** Whether a file is there and has the content that the hub lists. */
async function isAsListed(
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
