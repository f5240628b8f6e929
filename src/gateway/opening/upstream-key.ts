import { readKeyFile } from '../../config/read-key-files.ts'
import { environmentVariable } from '../../environment.ts'
import { GatewayError } from '../../gateway-error.ts'
import type { RemoteConfig } from '../../upstream/kinds.ts'

/**
 * The bearer token that the configuration names for a server; undefined when it names none. Rejects with
 * `config_invalid`.
 */
export async function upstreamKey({
  url,
  api_key_env: variable,
  api_key_file: file,
}: RemoteConfig): Promise<string | undefined> {
  if (file !== undefined) return readKeyFile(file, 'upstreams.api_key_file')
  if (variable === undefined) return undefined
  const key = environmentVariable(variable)
  if (key !== undefined) return key
  throw new GatewayError(
    'config_invalid',
    `The configuration takes the key of ${url} from the environment variable ${variable}, which is not set.`,
  )
}
