// This room owns the page of models: which there are, what fits, and having others answer. It asks the
// gateway for all of that, and reads no profile.

import type {
  ListedModelObject,
  ModelChoiceObject,
  ModelChoicesObject,
} from '../../src/proxy/model-api/model-wire.ts'

/** What a choice takes. */
export interface ChoiceNeeds {
  /** Bytes of files that are not here yet. */
  readonly downloadBytes: number
  /** Bytes of memory that its models take beside those that answer now; null for none. */
  readonly memoryBytes: number | null
  readonly fits: boolean
}

/** Models that can be the small one beside a large one (null: what is configured), the best first. */
export function smallOnes(listing: ModelChoicesObject, large: string | null): readonly ListedModelObject[] {
  const names =
    large === null
      ? listing.configured.fitting
      : (listing.models.find(({ name }) => name === large)?.fitting ?? [])
  return names.flatMap((name) => listing.models.find((model) => model.name === name) ?? [])
}

/** Whether only loading shows if a small model fits beside a large one. */
export function mayFit(
  listing: ModelChoicesObject,
  large: string | null,
  { source, vocabulary }: ListedModelObject,
): boolean {
  if (large !== null || source === null) return false
  const others = listing.models.filter((model) => model.source === null)
  const isKnown = others.some(({ name }) => listing.configured.fitting.includes(name))
  return vocabulary === null || !isKnown
}

/** Where a model that is not in the catalogue came from: of an import the file's or folder's name. */
export function originOf(source: string): { readonly from: 'fromHub' | 'imported'; readonly what: string } {
  const [, repository] = /^hub (.+)$/.exec(source) ?? []
  if (repository !== undefined) return { from: 'fromHub', what: repository }
  return { from: 'imported', what: source.replace(/^.*[/\\](?=.)/, '') }
}

/** The choice with another large model, and the small one that suits it best. */
export function withLarge(listing: ModelChoicesObject, large: string | null): ModelChoiceObject {
  return { large, small: large === null ? null : (smallOnes(listing, large)[0]?.name ?? null) }
}

export function isSameChoice(one: ModelChoiceObject, other: ModelChoiceObject): boolean {
  return one.large === other.large && one.small === other.small
}

export function needsOf(listing: ModelChoicesObject, { large, small }: ModelChoiceObject): ChoiceNeeds {
  const names = [...new Set([large, small])].filter((name) => name !== null)
  const models = names.flatMap((name) => listing.models.find((model) => model.name === name) ?? [])
  const downloadBytes = models.reduce((sum, { isHere, fileBytes }) => sum + (isHere ? 0 : fileBytes), 0)
  const memoryBytes = models.length === 0 ? null : models.reduce((sum, model) => sum + model.memoryBytes, 0)
  return { downloadBytes, memoryBytes, fits: (memoryBytes ?? 0) <= listing.availableBytes }
}

/** How to start the gateway with a choice: a command, or what to write in the configuration. */
export function startWith(listing: ModelChoicesObject, { large, small }: ModelChoiceObject): string | null {
  if (small === null) return null
  if (large === null) return `local: { model: ${small} }`
  const pair = listing.pairs.find((one) => one.large === large && one.small === small)
  if (pair !== undefined) return `npm start -- --pair ${pair.name}`
  return `upstreams: { embedded: { kind: embedded, model: ${large} } }\nlocal: { model: ${small} }`
}
