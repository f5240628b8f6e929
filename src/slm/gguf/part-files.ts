import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { withFileLimit } from '../../read-regular-file.ts'
import { modelFileInvalid } from '../model-file-invalid.ts'

const PART = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/

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
  const [, name = '', , count = ''] = PART.exec(first ?? '') ?? []
  if (count === '') return [path]
  const parts = Array.from({ length: Number(count) }, (_, index) =>
    join(folder, `${name}-${String(index + 1).padStart(5, '0')}-of-${count}.gguf`),
  )
  for (const part of parts) {
    if (await stat(part).catch(() => null)) continue
    throw modelFileInvalid(path, `its part ${basename(part)} is missing. Put all parts into one folder.`)
  }
  return parts
}
