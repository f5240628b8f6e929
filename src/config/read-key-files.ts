import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { GatewayError } from '../gateway-error.ts'
import { readProblem, readRegularFile } from '../read-regular-file.ts'
import type { Config } from './schema.ts'

type ApiKey = Config['server']['keys'][number]

const MIN_KEY_CHARACTERS = 8
const MAX_KEY_FILE_BYTES = 64 * 1024

/**
 * The same keys as digests alone: `sha256` stands in place of each `key` and `key_file`, whose content counts
 * without white space around it. Rejects with `config_invalid`, which names the file and never its content.
 */
export function readKeyFiles(keys: readonly ApiKey[], folder: string): Promise<ApiKey[]> {
  return Promise.all(
    keys.map(async ({ key, key_file: file, ...entry }, index) => {
      if (file === undefined) return key === undefined ? entry : { ...entry, sha256: digest(key) }
      return {
        ...entry,
        sha256: digest(await readKeyFile(resolve(folder, file), `server.keys.${index}.key_file`)),
      }
    }),
  )
}

function digest(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

/**
 * The key in a file, without white space around it. `param` names the setting in errors.
 * Rejects with `config_invalid`, which names the file and never its content.
 */
export async function readKeyFile(path: string, param: string): Promise<string> {
  const bytes = await readRegularFile(path, MAX_KEY_FILE_BYTES).catch((cause: unknown) => {
    const message = `${param}: ${path} cannot be read (${readProblem(cause)}).`
    throw new GatewayError('config_invalid', message, { cause, param })
  })
  const key = bytes.toString('utf8').trim()
  // A client sends its key in a header, where white space would end it.
  if (key.length >= MIN_KEY_CHARACTERS && !/\s/.test(key)) return key
  const message = `${param}: ${path} must hold one key of at least ${MIN_KEY_CHARACTERS} characters without spaces.`
  throw new GatewayError('config_invalid', message, { param })
}
