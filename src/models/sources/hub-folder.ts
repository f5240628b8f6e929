import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { modelFileInvalid } from '../../slm/model-file-invalid.ts'
import { readModelConfig } from '../../slm/safetensors/read-model-folder.ts'
import { INDEX_FILE, indexedParts, WEIGHTS_FILE } from '../../slm/safetensors/tensor-files.ts'
import { checkFolderText } from '../check-model.ts'
import { aroundWeights, neededFiles } from '../files/model-files.ts'
import { lackOfWeights } from '../files/model-format.ts'
import { bringFile, bringFiles, bytesOf, type FolderTarget, isAsListed, requireAsListed } from './hub-file.ts'
import type { HubRepository } from './hub-repository.ts'

/** Whether a repository has safetensors that a model could be read from. */
export function hasSafetensors({ files }: HubRepository): boolean {
  return files.has(WEIGHTS_FILE) || files.has(INDEX_FILE)
}

/**
 * Brings what is read of a model with safetensors out of its repository on the hub, all at one commit, and
 * checks each file against the digest that the hub names. Configuration and tokenizer come first: what cannot
 * be used is refused before any weights are fetched. Returns the bytes of all files. Rejects with
 * GatewayError `model_file_invalid` for what cannot be used, SourceFailure, or the system's error when a file
 * cannot be written.
 */
export async function fetchFolderFromHub(repository: HubRepository, target: FolderTarget): Promise<number> {
  const { folder, signal } = target
  const { files } = repository
  const around = filesAroundWeights(folder, repository)
  for (const name of await readdir(folder)) {
    // Of another commit, in which the weights may have had other files
    if (!files.has(name)) await rm(join(folder, name), { recursive: true })
  }
  const bringChecked = async (name: string) => {
    const listed = files.get(name)
    if (listed === undefined || (await isAsListed(join(folder, name), listed, signal))) return
    await rm(join(folder, name), { force: true })
    await bringFile(repository, name, target)
    await requireAsListed(repository, name, target)
  }
  await bringChecked('config.json')
  await readModelConfig(folder)
  for (const name of around) await bringChecked(name)
  await checkFolderText(folder)
  const weights = await weightsOf(repository, folder)
  await bringFiles(repository, weights, target)
  return bytesOf(repository, ...around, ...weights)
}

/** What is read beside the weights. Throws GatewayError `model_file_invalid` where there is no model. */
function filesAroundWeights(folder: string, repository: HubRepository): readonly string[] {
  const { files } = repository
  if (!hasSafetensors(repository)) {
    const names = [...files.keys()].filter((name) => !name.includes('/'))
    const what = `${lackOfWeights(names)} Take a repository with ${WEIGHTS_FILE} or its parts, or with GGUF files.`
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
