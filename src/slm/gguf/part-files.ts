import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { withFileLimit } from '../../read-regular-file.ts'
import { modelFileInvalid } from '../model-file-invalid.ts'

/** What a part of a split file is called: the model's name, which part it is, and of how many. */
const PART = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/

/** All names of a split file's parts, in order, by any of them; of another file its own. */
export function partNames(name: string): readonly string[] {
  const [, model = '', , count = ''] = PART.exec(name) ?? []
  if (count === '') return [name]
  return Array.from(
    { length: Number(count) },
    (_, index) => `${model}-${String(index + 1).padStart(5, '0')}-of-${count}.gguf`,
  )
}

/**
 * The files of a model, in order: of a split one all parts, whichever of them `path` is, or the folder that
 * holds them; else the file itself. Rejects with GatewayError `model_file_invalid` when one is missing.
 */
export async function ggufParts(path: string): Promise<readonly string[]> {
  const isFolder = await withFileLimit(path, () => stat(path)).then(
    (found) => found.isDirectory(),
    () => false,
  )
  const folder = isFolder ? path : dirname(path)
  const first = isFolder ? (await readdir(path)).sort().find((name) => PART.test(name)) : basename(path)
  if (first === undefined || !PART.test(first)) return [path]
  const parts = partNames(first).map((name) => join(folder, name))
  for (const part of parts) {
    if (await stat(part).catch(() => null)) continue
    throw modelFileInvalid(path, `its part ${basename(part)} is missing. Put all parts into one folder.`)
  }
  return parts
}
