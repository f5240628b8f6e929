// Files: which files a model on this machine consists of, by their names. This room owns that, and models
// that are used where they lie. It must not fetch or copy anything.

import { readdir, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { withFileLimit } from '../../read-regular-file.ts'
import { modelFileInvalid } from '../../slm/model-file-invalid.ts'
import { INDEX_FILE, WEIGHTS_FILE } from '../../slm/safetensors/tensor-files.ts'

/**
 * A GGUF file or the folder of a split one's parts, a folder of the hub with safetensors, or one in the
 * onnx-community layout.
 */
export type ModelFormat = 'gguf' | 'safetensors' | 'onnx'

export const modelFormats = ['gguf', 'safetensors', 'onnx'] as const satisfies readonly ModelFormat[]

interface FoundModel {
  readonly format: ModelFormat
  /** The file or folder: that of the weights where a file of a folder was named. */
  readonly path: string
}

/**
 * What the model at a path is, by the names of its files; null where there is nothing. A folder with
 * safetensors is taken for what it is, also when it has ONNX graphs beside them. Rejects with GatewayError
 * `model_file_invalid` for a folder that holds no model, with what to do.
 */
export async function modelFormatAt(path: string): Promise<FoundModel | null> {
  const found = await withFileLimit(path, () => stat(path)).catch(() => null)
  if (found === null) return null
  if (!found.isDirectory()) {
    const ofFolder = [WEIGHTS_FILE, INDEX_FILE].includes(basename(path))
    return ofFolder ? { format: 'safetensors', path: dirname(path) } : { format: 'gguf', path }
  }
  const names = await readdir(path)
  if (names.includes(WEIGHTS_FILE) || names.includes(INDEX_FILE)) return { format: 'safetensors', path }
  const graphs = await readdir(`${path}/onnx`).catch((): string[] => [])
  if (graphs.some((name) => name.endsWith('.onnx'))) return { format: 'onnx', path }
  if (names.some((name) => /-\d{5}-of-\d{5}\.gguf$/.test(name))) return { format: 'gguf', path }
  throw modelFileInvalid(path, `${problemOf(names)} ${WHAT_TO_DO}`)
}

const WHAT_TO_DO = `Give a GGUF file, a folder of the Hugging Face Hub with ${WEIGHTS_FILE} or its parts with their index, or one in the onnx-community layout (onnx/*.onnx).`

function problemOf(names: readonly string[]): string {
  const file = names.find((name) => name.endsWith('.gguf'))
  return file === undefined ? lackOfWeights(names) : `it is a folder; name the file in it, such as ${file}.`
}

/** Why files of these names are no model with safetensors: a sentence for people. */
export function lackOfWeights(names: readonly string[]): string {
  const part = names.find((name) => /^model-\d{5}-of-\d{5}\.safetensors$/.test(name))
  if (part !== undefined) return `it has ${part}, but not ${INDEX_FILE}, which says what lies where.`
  if (names.some((name) => name.startsWith('adapter_')))
    return 'it holds an adapter, not a model: merge it into its model first.'
  const other = names.find((name) => name.endsWith('.safetensors'))
  if (other !== undefined) return `of safetensors it has ${other} alone.`
  const pickled = names.find((name) => /\.(bin|pt|pth|ckpt)$/.test(name))
  if (pickled !== undefined) return `its weights are in ${pickled}, which may hold programs and is not read.`
  return 'it holds no model.'
}
