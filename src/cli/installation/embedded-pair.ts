import type { LoadedConfig } from '../../config/load-config.ts'
import { embeddedPair } from '../../gateway/choosing/chosen-config.ts'
import { GatewayError } from '../../gateway-error.ts'
import { loadCatalogue } from '../../models/catalogue.ts'

/**
 * A configuration in which a pair of the catalogue answers alone, at its tuned strength; all else is as it
 * was. Rejects with GatewayError `invalid_request` where the catalogue has no such pair.
 */
export async function withEmbeddedPair(loaded: LoadedConfig, name: string): Promise<LoadedConfig> {
  const { pairs } = await loadCatalogue()
  const pair = pairs.find((one) => one.name === name.toLowerCase())
  if (pair === undefined) {
    const known = pairs.map((one) => one.name).join(', ')
    throw new GatewayError(
      'invalid_request',
      `There is no pair of models named "${name}". Take one of: ${known}.`,
    )
  }
  return { ...loaded, config: embeddedPair(loaded.config, pair) }
}
