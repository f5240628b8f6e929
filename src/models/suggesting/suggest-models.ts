// Suggesting: which local models fit an upstream. This room owns what is said of each, and how fast this
// machine would run it. It must not fetch anything, nor ask a server.

import type { WeightBits } from '../../slm/graph/weight-store.ts'
import type { Catalogue, CatalogueEntry } from '../catalogue.ts'
import { entryBits, type LocalPrecision } from '../prepare-model.ts'
import { fileBytes, memoryBytes } from './model-size.ts'

/** A local model beside an upstream. */
export interface Suggestion {
  readonly entry: CatalogueEntry
  /** `exact` where both have the same tokens; else `bytes`, and the start says how much is covered. */
  readonly alignment: 'exact' | 'bytes'
  /** Of the file; an estimate where only the hub knows. */
  readonly fileBytes: number
  /** That its weights would have here. */
  readonly bits: WeightBits
  /** What they take in memory. */
  readonly memoryBytes: number
  /** What a token costs at least, since all weights are read for it. */
  readonly stepMs: number
}

/** Blocks with their scales and zero points; with 4 bits, the output head still has 8. */
const storedBytesPerWeight = { 8: 1.25, 4: 0.93 } as const satisfies Record<WeightBits, number>
/** A pair is run for every token: larger ones are no help. */
const OTHERS = 3

/** A step that nobody waits for: several times as many tokens a second as people read. */
const QUICK_STEP_MS = 50
/** Of this machine's memory, which other programs need as well. */
const MOST_OF_MEMORY = 0.25

export interface SuggestOptions {
  readonly upstream: string
  readonly bytesPerSecond: number
  readonly precision?: LocalPrecision
}

/**
 * Local models that fit an upstream, by what its model is called: those with the same tokens, smallest first;
 * where there are none, the smallest of all with `bytes`. `bytesPerSecond` is how fast this machine reads
 * memory, `precision` what `local.precision` would be.
 */
export function suggestModels(
  catalogue: Catalogue,
  { upstream, bytesPerSecond, precision = 'auto' }: SuggestOptions,
): readonly Suggestion[] {
  const bySize = [...catalogue.entries].sort((a, b) => a.parameters - b.parameters)
  const vocabulary = catalogue.vocabularyOf(upstream)
  const same = bySize.filter((entry) => vocabulary !== null && entry.vocabulary === vocabulary)
  const others = bySize.filter(({ template }) => template?.system === 'own').slice(0, OTHERS)
  const fitting = same.length > 0 ? same : others
  return fitting.map((entry) => {
    const bits = entryBits(precision, { entry })
    return {
      entry,
      alignment: same.length > 0 ? 'exact' : 'bytes',
      fileBytes: fileBytes(entry),
      bits,
      memoryBytes: memoryBytes(entry.parameters, { bits }),
      stepMs: (1000 * entry.parameters * storedBytesPerWeight[bits]) / bytesPerSecond,
    }
  })
}

/**
 * The one to take: the larger a local model, the more of a profile comes through, so the largest whose step
 * is quick and that leaves room in `machineBytes` of memory; of the upstream's own family where one is. The
 * smallest where none is quick, and undefined where there is none.
 */
export function bestSuggestion(
  suggestions: readonly Suggestion[],
  { upstream, machineBytes }: { readonly upstream: string; readonly machineBytes: number },
): Suggestion | undefined {
  const quick = suggestions.filter(
    ({ stepMs, memoryBytes }) => stepMs <= QUICK_STEP_MS && memoryBytes <= MOST_OF_MEMORY * machineBytes,
  )
  const family = closestFamily(
    upstream,
    quick.map(({ entry }) => entry.name),
  )
  return quick.findLast(({ entry }) => family.includes(entry.name)) ?? quick.at(-1) ?? suggestions[0]
}

/** Of local models those whose family's name the upstream's begins with, of the longest such name. */
export function closestFamily(upstream: string, names: readonly string[]): string[] {
  const plain = upstream.toLowerCase().replace(/^.*[/\\]/, '')
  const related = names.filter((name) => plain.startsWith(familyOf(name)))
  const longest = Math.max(0, ...related.map((name) => familyOf(name).length))
  return related.filter((name) => familyOf(name).length === longest)
}

function familyOf(name: string): string {
  return name.replace(/-[\d.]+[bm]$/, '')
}
