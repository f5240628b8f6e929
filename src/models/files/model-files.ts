import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ggufParts } from '../../slm/gguf/part-files.ts'
import { INDEX_FILE, weightFiles } from '../../slm/safetensors/tensor-files.ts'

/** Without these, a folder of the hub is no model that can be used. */
export const neededFiles = ['config.json', 'tokenizer.json'] as const

/** What a folder of the hub has beside its weights that is read here. */
export const aroundWeights = [
  ...neededFiles,
  'tokenizer_config.json',
  'chat_template.jinja',
  'generation_config.json',
  INDEX_FILE,
]

/**
 * The files that a model consists of: of a GGUF file all parts where it is split, of a folder with
 * safetensors what is read of it. Rejects with GatewayError `model_file_invalid` when a part is missing.
 */
export async function modelFiles({
  format,
  path,
}: {
  readonly format: 'gguf' | 'safetensors'
  readonly path: string
}): Promise<readonly string[]> {
  if (format === 'gguf') return ggufParts(path)
  const weights = (await weightFiles(path)).map((name) => join(path, name))
  const others = aroundWeights.map((name) => join(path, name))
  const there = await Promise.all(others.map((file) => stat(file).catch(() => null)))
  return [...others.filter((_, at) => there[at] != null), ...weights]
}
