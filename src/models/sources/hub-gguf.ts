import { readdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { hasWholeHeader } from '../../slm/gguf/header-end.ts'
import { checkGgufBeginning } from '../check-model.ts'
import { digestOfParts, fileDigest } from '../file-digest.ts'
import type { GgufChoice } from './gguf-choice.ts'
import { bringFile, bringFiles, bytesOf, type FolderTarget } from './hub-file.ts'
import type { HubRepository } from './hub-repository.ts'

/** Headers have up to 2 MB without a vocabulary, or with a small one, and 20 MB with the largest. */
const FIRST_BYTES = 2 ** 20
const GROWTH = 4

interface FetchedGguf {
  readonly bytes: number
  readonly sha256: string
}

/**
 * Brings a GGUF file of a repository, or all parts of a split one, and checks each against the digest that
 * the hub names. The headers come first: what cannot be used is refused before the weights are fetched.
 * Rejects with GatewayError `model_file_invalid` for what cannot be used, SourceFailure, or the system's
 * error when a file cannot be written.
 */
export async function fetchGgufFromHub(
  repository: HubRepository,
  { files }: GgufChoice,
  target: FolderTarget,
): Promise<FetchedGguf> {
  const { folder, signal } = target
  const paths = files.map((name) => join(folder, basename(name)))
  for (const name of await readdir(folder)) {
    // Of another file of the repository
    if (!paths.includes(join(folder, name))) await rm(join(folder, name), { recursive: true })
  }
  for (const name of files) await bringHeader(repository, name, target)
  const lengths = new Map(files.map((name, at) => [paths[at] ?? '', bytesOf(repository, name)]))
  await checkGgufBeginning(paths[0] ?? folder, lengths)
  await bringFiles(repository, files, target)
  const digests = files.map(async (name, at) => {
    const digest = repository.files.get(name)?.digest
    return digest?.kind === 'sha256' ? digest.hex : fileDigest(paths[at] ?? '', signal)
  })
  return {
    bytes: bytesOf(repository, ...files),
    sha256: digestOfParts(await Promise.all(digests)),
  }
}

async function bringHeader(repository: HubRepository, name: string, target: FolderTarget): Promise<void> {
  const bytes = bytesOf(repository, name)
  for (let until = FIRST_BYTES; ; until *= GROWTH) {
    await bringFile(repository, name, { ...target, until })
    if ((await hasWholeHeader(join(target.folder, basename(name)))) || until >= bytes) return
  }
}
