import type { LoadedConfig } from '../../config/load-config.ts'
import { type Config, configSchema } from '../../config/schema.ts'
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
  return { ...loaded, config: embedding(loaded.config, pair) }
}

function embedding(
  config: Config,
  { upstream, local }: { readonly upstream: string; readonly local: string },
): Config {
  const {
    upstreams,
    models,
    local: embedded,
  } = configSchema.parse({
    local: { model: local, on_failure: config.local.on_failure },
    upstreams: { embedded: { kind: 'embedded', model: upstream } },
    models: { names: { costeer: 'embedded', [upstream]: 'embedded' }, catch_all: 'embedded' },
  })
  const { preset: _preset, expert: _expert, ...steering } = config.steering
  return {
    ...config,
    upstreams,
    models,
    local: config.local.kind === 'embedded' ? { ...config.local, model: local } : embedded,
    steering: { ...steering, strength: 'auto' },
  }
}
