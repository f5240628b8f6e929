import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { GatewayError } from '../gateway-error.ts'
import type { Config } from './schema.ts'

type ApiKey = Config['server']['keys'][number]

const MIN_KEY_CHARACTERS = 8

/**
 * The same keys, with `sha256` in place of each `key_file`, whose content counts without white space around it.
 * Rejects with `config_invalid`, which names the file and never its content.
 */
export const readKeyFiles = (keys: readonly ApiKey[], folder: string): Promise<ApiKey[]> =>
  Promise.all(
    keys.map(async ({ key_file: file, ...entry }, index) =>
      file === undefined ? entry : { ...entry, sha256: await keyDigest(resolve(folder, file), index) },
    ),
  )

const keyDigest = async (path: string, index: number): Promise<string> =>
  createHash('sha256')
    .update(await readKeyFile(path, `server.keys.${index}.key_file`))
    .digest('hex')

/**
 * The key in a file, without white space around it. `param` names the setting in errors.
 * Rejects with `config_invalid`, which names the file and never its content.
 */
export async function readKeyFile(path: string, param: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new GatewayError('config_invalid', `${param}: ${path} cannot be read.`, { cause, param })
  })
  const key = text.trim()
  // A client sends its key in a header, where white space would end it.
  if (key.length >= MIN_KEY_CHARACTERS && !/\s/.test(key)) return key
  const message = `${param}: ${path} must hold one key of at least ${MIN_KEY_CHARACTERS} characters without spaces.`
  throw new GatewayError('config_invalid', message, { param })
}
