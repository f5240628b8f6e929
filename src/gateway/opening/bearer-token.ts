import { readKeyFile } from '../../config/read-key-files.ts'
import { environmentVariable } from '../../environment.ts'
import { GatewayError } from '../../gateway-error.ts'

interface KeyedServer {
  readonly url: string
  readonly api_key_env?: string | undefined
  readonly api_key_file?: string | undefined
}

/**
 * The bearer token that `section` of the configuration names for a server; undefined when it names none.
 * Rejects with `config_invalid`.
 */
export async function bearerToken(
  { url, api_key_env: variable, api_key_file: file }: KeyedServer,
  section: 'upstreams' | 'local',
): Promise<string | undefined> {
  if (file !== undefined) return readKeyFile(file, `${section}.api_key_file`)
  if (variable === undefined) return undefined
  const key = environmentVariable(variable)
  if (key !== undefined) return key
  throw new GatewayError(
    'config_invalid',
    `The configuration takes the key of ${url} from the environment variable ${variable}, which is not set.`,
  )
}
