import { join } from 'node:path'
import type { z } from 'zod'
import { errorCode } from '../error-code.ts'
import { readProblem, readRegularFile } from '../read-regular-file.ts'
import { modelFileInvalid } from './model-file-invalid.ts'

/** Of the largest vocabularies, times ten. */
const MAX_BYTES = 256 * 2 ** 20

/**
 * A text file of a model's folder; null when there is none. Rejects with GatewayError `model_file_invalid`.
 */
export async function readFolderText(folder: string, name: string): Promise<string | null> {
  try {
    return (await readRegularFile(join(folder, name), MAX_BYTES)).toString('utf8')
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return null
    const what = `it cannot be read (${readProblem(cause)}). Check what it is, and its permissions.`
    throw modelFileInvalid(join(folder, name), what, cause)
  }
}

/** The same for JSON of a certain form. */
export async function readFolderJson<T>(
  folder: string,
  { name, schema }: { readonly name: string; readonly schema: z.ZodType<T> },
): Promise<T | null> {
  const text = await readFolderText(folder, name)
  if (text === null) return null
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw modelFileInvalid(
      join(folder, name),
      'it is not the JSON file its name promises. Fetch it again.',
      cause,
    )
  }
}
