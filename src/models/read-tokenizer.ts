import { stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute } from 'node:path'
import { GatewayError } from '../gateway-error.ts'
import { withFileLimit } from '../read-regular-file.ts'
import { loadCatalogue } from './catalogue.ts'
import { findModel } from './model-folder.ts'
import { type ModelText, readModelText } from './model-text.ts'

/**
 * The text side of a model whose weights are elsewhere: `source` is the name of a model on this machine, or
 * the absolute path of a GGUF file, of a folder with `tokenizer.json`, or of that file. Fetches nothing.
 * Rejects with GatewayError `model_unavailable` or `model_file_invalid`.
 */
export async function readTokenizer(source: string, home: string): Promise<ModelText> {
  return readModelText(isAbsolute(source) ? await atPath(source) : await installed(source, home))
}

async function atPath(path: string): Promise<{ path: string; format: 'gguf' | 'onnx' }> {
  const found = await withFileLimit(path, () => stat(path)).catch(() => null)
  if (found === null) {
    const message = `There is no ${path} to read a tokenizer from. Correct the upstream's tokenizer: a GGUF file, or a folder with tokenizer.json.`
    throw new GatewayError('model_unavailable', message)
  }
  if (found.isDirectory()) return { path, format: 'onnx' }
  return basename(path) === 'tokenizer.json'
    ? { path: dirname(path), format: 'onnx' }
    : { path, format: 'gguf' }
}

async function installed(name: string, home: string) {
  const entry = (await loadCatalogue()).find(name)
  const model = await findModel(home, entry?.name ?? name)
  if (model !== null) return model
  const how = entry === undefined ? 'import it' : `run "costeer pull ${entry.name}"`
  throw new GatewayError(
    'model_unavailable',
    `The tokenizer of "${name}" is not on this machine: ${how}, or name a GGUF file or a folder with tokenizer.json.`,
  )
}
