import type { Catalogue, CatalogueEntry } from '../../models/catalogue.ts'
import { listModels } from '../../models/model-folder.ts'
import { entryBits } from '../../models/prepare-model.ts'
import { fileBytes, memoryBytes } from '../../models/suggesting/model-size.ts'

/** A model that can be chosen. */
export interface ListedModel {
  readonly name: string
  readonly title: string
  readonly licence: string
  readonly parameters: number
  /** Of its file; an estimate where only the hub knows. */
  readonly fileBytes: number
  /** What its weights take in memory as a local model. */
  readonly memoryBytes: number
  /** Whether its file is on this machine. */
  readonly isHere: boolean
  /** Models with the same tokens that are no larger: each can be the small one beside it. The best first. */
  readonly fitting: readonly string[]
}

/** The catalogue as a choice, smallest models first. */
export async function listChoices(catalogue: Catalogue, home: string): Promise<ListedModel[]> {
  const here = new Set((await listModels(home)).map(({ name }) => name))
  return bySize(catalogue).map((entry) => {
    const { name, title, licence, parameters } = entry
    return {
      name,
      title,
      licence,
      parameters,
      fileBytes: Math.round(fileBytes(entry)),
      memoryBytes: Math.round(memoryBytes(parameters, { bits: entryBits('auto', { entry }) })),
      isHere: here.has(name),
      fitting: fittingBeside(entry, catalogue),
    }
  })
}

/** Models with the tokens of all the large ones named, smallest first; none where one is not known. */
export function fittingAll(large: readonly string[], catalogue: Catalogue): string[] {
  const [vocabulary = null, ...others] = large.map((name) => catalogue.vocabularyOf(name))
  if (vocabulary === null || others.some((other) => other !== vocabulary)) return []
  return bySize(catalogue)
    .filter((entry) => entry.vocabulary === vocabulary)
    .map(({ name }) => name)
}

/** The one of a measured pair comes first, then the smallest. */
function fittingBeside(
  { name: large, vocabulary, parameters }: CatalogueEntry,
  catalogue: Catalogue,
): string[] {
  if (vocabulary === undefined) return []
  const paired = catalogue.pairs.find(({ upstream }) => upstream === large)?.local
  const names = bySize(catalogue)
    .filter((entry) => entry.vocabulary === vocabulary && entry.parameters <= parameters)
    .map(({ name }) => name)
  return names.toSorted((a, b) => Number(b === paired) - Number(a === paired))
}

function bySize({ entries }: Catalogue): CatalogueEntry[] {
  return entries.toSorted((a, b) => a.parameters - b.parameters)
}
