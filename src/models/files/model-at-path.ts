import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { findModel, type InstalledModel } from '../model-folder.ts'
import { modelFiles } from './model-files.ts'
import { modelFormatAt } from './model-format.ts'

/** Whether a model is named by where it lies: names of models hold no slashes. */
export function isModelPath(model: string): boolean {
  return /[/\\]|\.gguf$/i.test(model)
}

/**
 * The model of this name that is installed, or the one at this absolute path, which is used where it lies;
 * null when there is none. Rejects with GatewayError `model_file_invalid` for a file or folder that is none.
 */
export async function locateModel(home: string, model: string): Promise<InstalledModel | null> {
  if (!isAbsolute(model)) return findModel(home, model)
  const found = await modelFormatAt(model)
  if (found === null) return null
  const { format, path } = found
  const files = format === 'onnx' ? [] : await modelFiles({ format, path })
  const sizes = await Promise.all(files.map((file) => stat(file)))
  const changes = sizes.map(({ size, mtimeMs }, at) => `${files[at]} ${size} ${mtimeMs}`)
  return {
    name: model,
    format,
    path,
    bytes: sizes.reduce((sum, { size }) => sum + size, 0),
    sha256: null,
    source: path,
    stamp: digest(changes.join('\n')),
    graphFolder: join(home, 'graphs', digest(path).slice(0, 16)),
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
