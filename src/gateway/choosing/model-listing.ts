import type { Catalogue } from '../../models/catalogue.ts'
import type { InstalledModel } from '../../models/model-folder.ts'
import { entryBits } from '../../models/prepare-model.ts'
import { fileBytes, memoryBytes } from '../../models/suggesting/model-size.ts'
import type { OwnModel } from './own-models.ts'

/** A model that can be chosen. */
export interface ListedModel {
  readonly name: string
  readonly title: string
  /** Null where nobody says: of models that are not in the catalogue. */
  readonly licence: string | null
  /** Where one that is not in the catalogue came from; null for those of the catalogue. */
  readonly source: string | null
  /** Models of one have the same tokens; null where it is not known. */
  readonly vocabulary: string | null
  readonly parameters: number
  /** Of its file; an estimate where only the hub knows. */
  readonly fileBytes: number
  /** What its weights take in memory as a local model. */
  readonly memoryBytes: number
  /** Whether its file is on this machine. */
  readonly isHere: boolean
  /**
   * Models that are no larger and have the same tokens, itself among them: each can be the small one beside
   * it. The best first.
   */
  readonly fitting: readonly string[]
}

type Sized = Pick<ListedModel, 'name' | 'parameters' | 'vocabulary'>

/** The catalogue and what else is on this machine as a choice, smallest models first. */
export function listChoices(
  catalogue: Catalogue,
  { installed, own }: { readonly installed: readonly InstalledModel[]; readonly own: readonly OwnModel[] },
): ListedModel[] {
  const here = new Set(installed.map(({ name }) => name))
  const entries = catalogue.entries.map((entry) => ({
    name: entry.name,
    title: entry.title,
    licence: entry.licence,
    source: null,
    vocabulary: entry.vocabulary ?? null,
    parameters: entry.parameters,
    fileBytes: Math.round(fileBytes(entry)),
    memoryBytes: Math.round(memoryBytes(entry.parameters, { bits: entryBits('auto', { entry }) })),
    isHere: here.has(entry.name),
  }))
  const others = own.map((model) => ({
    ...model,
    title: model.name,
    licence: null,
    memoryBytes: Math.round(memoryBytes(model.parameters, { bits: entryBits('auto', { entry: undefined }) })),
    isHere: true,
  }))
  const all = bySize([...entries, ...others])
  return all.map((model) => ({ ...model, fitting: fittingBeside(model, all, catalogue) }))
}

/**
 * Models that can be the small one beside all the large ones named: those with their tokens, smallest first,
 * then those of this machine of which that is not known. Whether these fit shows when they are opened.
 */
export function fittingAll(
  large: readonly string[],
  models: readonly Pick<ListedModel, 'name' | 'source' | 'vocabulary'>[],
  catalogue: Catalogue,
): string[] {
  const own = new Map(models.map((model) => [model.name, model.vocabulary]))
  const [vocabulary = null, ...others] = large.map((name) => own.get(name) ?? catalogue.vocabularyOf(name))
  if (others.some((other) => other !== vocabulary)) return []
  const same = models.filter((model) => vocabulary !== null && model.vocabulary === vocabulary)
  const unsure = models.filter(
    (model) => model.source !== null && (vocabulary === null || model.vocabulary === null),
  )
  return [...same, ...unsure].map(({ name }) => name)
}

/** The one of a measured pair comes first, then the smallest. */
function fittingBeside(
  { name: large, vocabulary, parameters }: Sized,
  models: readonly Sized[],
  catalogue: Catalogue,
): string[] {
  if (vocabulary === null) return ownFit(large, catalogue)
  const paired = catalogue.pairs.find(({ upstream }) => upstream === large)?.local
  const names = models
    .filter((model) => model.vocabulary === vocabulary && model.parameters <= parameters)
    .map(({ name }) => name)
  return names.toSorted((a, b) => Number(b === paired) - Number(a === paired))
}

/** A model has its own tokens, whatever they are; the catalogue's are offered as its file says. */
function ownFit(name: string, catalogue: Catalogue): string[] {
  return catalogue.find(name) === undefined ? [name] : []
}

function bySize<M extends Sized>(models: readonly M[]): M[] {
  return models.toSorted((a, b) => a.parameters - b.parameters)
}
