// This room owns the choice of models while the gateway runs: which there are, what fits what, fetching
// them, and putting others in place of those that answer. It must not know HTTP, and reads no profile.

import { type Config, configSchema } from '../../config/schema.ts'
import { GatewayError } from '../../gateway-error.ts'
import type { Catalogue, CatalogueEntry } from '../../models/catalogue.ts'
import type { OwnModel } from './own-models.ts'

/** Models by their names in the catalogue or on this machine; null stands for the configuration's. */
export interface ModelChoice {
  readonly large: string | null
  readonly small: string | null
}

/** What can be chosen. */
export interface KnownModels {
  readonly catalogue: Catalogue
  /** Those on this machine that it does not have. */
  readonly own: readonly OwnModel[]
}

/**
 * The configuration with the chosen models; all else is as it was. Throws GatewayError `invalid_request` for
 * models that are neither in the catalogue nor on this machine, and for a pair that cannot answer together.
 */
export function chosenConfig(configured: Config, choice: ModelChoice, known: KnownModels): Config {
  const large = choice.large === null ? null : chosenModel(choice.large, known)
  const small = choice.small === null ? null : chosenModel(choice.small, known)
  if (large === null) {
    const isOwn = configured.local.kind === 'embedded' && configured.local.model === small?.name
    return small === null || isOwn ? configured : withLocalModel(configured, small.name)
  }
  if (small === null) throw new GatewayError('invalid_request', 'Name the small model of the pair, too.')
  const haveSameTokens = large.vocabulary !== null && large.vocabulary === small.vocabulary
  if (large.name !== small.name && !haveSameTokens) {
    const message = `${large.name} and ${small.name} are not known to have the same tokens, so that they are no pair.`
    throw new GatewayError('invalid_request', message)
  }
  return embeddedPair(configured, { upstream: large.name, local: small.name })
}

/** Two models answer alone, at their tuned strength. */
export function embeddedPair(
  config: Config,
  { upstream, local }: { readonly upstream: string; readonly local: string },
): Config {
  const { upstreams, models } = configSchema.parse({
    upstreams: { embedded: { kind: 'embedded', model: upstream } },
    models: { names: { costeer: 'embedded', [upstream]: 'embedded' }, catch_all: 'embedded' },
  })
  return { ...withLocalModel(config, local), upstreams, models }
}

/** Another local model has another strength that suits it. */
function withLocalModel(config: Config, model: string): Config {
  const embedded = configSchema.parse({
    local: { model, on_failure: config.local.on_failure },
    upstreams: {},
  }).local
  const { preset: _preset, expert: _expert, ...steering } = config.steering
  return {
    ...config,
    local: config.local.kind === 'embedded' ? { ...config.local, model } : embedded,
    steering: { ...steering, strength: 'auto' },
  }
}

function chosenModel(
  name: string,
  { catalogue, own }: KnownModels,
): { readonly name: string; readonly vocabulary: string | null } {
  const mine = own.find((model) => model.name === name)
  if (mine !== undefined) return mine
  const { name: known, vocabulary = null } = entryOf(name, catalogue)
  return { name: known, vocabulary }
}

/** A model of the catalogue. Throws GatewayError `invalid_request` where there is none. */
export function entryOf(name: string, catalogue: Catalogue): CatalogueEntry {
  const entry = catalogue.find(name)
  if (entry !== undefined) return entry
  throw new GatewayError('invalid_request', `There is no model "${name}" in the catalogue.`)
}
