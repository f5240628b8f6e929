import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { readFolderJson } from '../folder-file.ts'
import { modelFileInvalid } from '../model-file-invalid.ts'
import type { TensorEntry } from '../weights/model-source.ts'
import { readTensorHeader } from './tensor-header.ts'

export const WEIGHTS_FILE = 'model.safetensors'
export const INDEX_FILE = 'model.safetensors.index.json'

/** Files of a folder, never of another one. */
const partName = z.string().regex(/^[\w-][\w.-]*\.safetensors$/)
const indexSchema = z.looseObject({ weight_map: z.record(z.string(), partName) })

/** The files that hold a model's weights, and all tensors in them by their own names. */
interface TensorFiles {
  readonly files: readonly string[]
  readonly tensors: ReadonlyMap<string, TensorEntry>
}

/**
 * The weights of a folder: `model.safetensors`, or the parts that an index lists. Rejects with GatewayError
 * `model_file_invalid` when a part is missing, or holds other tensors than the index says.
 */
export async function readTensorFiles(folder: string): Promise<TensorFiles> {
  const names = await weightFiles(folder)
  const files = names.map((name) => join(folder, name))
  const tensors = new Map<string, TensorEntry>()
  for (const file of files) {
    for (const [name, entry] of await readTensorHeader(file)) {
      if (tensors.has(name))
        throw modelFileInvalid(file, `another part has its ${name} too. Fetch all again.`)
      tensors.set(name, entry)
    }
  }
  for (const [name, part] of await indexedTensors(folder)) {
    if (tensors.get(name)?.file === join(folder, part)) continue
    throw modelFileInvalid(
      join(folder, part),
      `it has no ${name}, which the index has there. Fetch it again.`,
    )
  }
  return { files, tensors }
}

/**
 * The names of the files that hold a folder's weights, none of which is opened. Rejects with GatewayError
 * `model_file_invalid` when one is missing.
 */
export async function weightFiles(folder: string): Promise<readonly string[]> {
  if (await exists(join(folder, WEIGHTS_FILE))) return [WEIGHTS_FILE]
  const parts = await indexedParts(folder)
  if (parts.length === 0)
    throw modelFileInvalid(folder, `it has neither ${WEIGHTS_FILE} nor ${INDEX_FILE}. Fetch it again.`)
  for (const part of parts) {
    if (await exists(join(folder, part))) continue
    throw modelFileInvalid(folder, `its part ${part} is missing. Put all parts into the folder.`)
  }
  return parts
}

/** The files that the index names, which need not be there; none where there is no index that counts. */
export async function indexedParts(folder: string): Promise<readonly string[]> {
  return [...new Set((await indexedTensors(folder)).map(([, part]) => part))].sort()
}

/** What the index says, if it counts: names of tensors, each with its part. */
async function indexedTensors(folder: string): Promise<readonly (readonly [string, string])[]> {
  if (await exists(join(folder, WEIGHTS_FILE))) return []
  const index = await readFolderJson(folder, { name: INDEX_FILE, schema: indexSchema })
  return Object.entries(index?.weight_map ?? {})
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null
}
