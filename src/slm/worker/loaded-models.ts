import { BlockFolder } from '../cache/block-folder.ts'
import { tokenBytes } from '../cache/key-value-cache.ts'
import { BLOCK_TOKENS, PrefixCache } from '../cache/prefix-cache.ts'
import { RecentLogits } from '../cache/recent-logits.ts'
import { rowsKey } from '../cache/rows-key.ts'
import { SequenceSlots } from '../cache/sequence-slots.ts'
import type { LogitsDecoder, PairDecoder } from '../decoder/decoder.ts'
import { openLogitsDecoder, openPairDecoder } from '../decoder/open-decoder.ts'
import { sharedPasses } from '../decoder/shared-passes.ts'
import { MisuseError } from '../engine/misuse-error.ts'
import type { ModelSettings } from '../engine/worker-protocol.ts'
import { streamCount } from '../graph/decoder-graph.ts'
import { PrefillPace, timed } from './prefill-pace.ts'

interface Shared {
  readonly prefixes: PrefixCache
  readonly recent: RecentLogits
}

export type LoadedModel = Shared & { readonly pace: PrefillPace } & (
    | { readonly kind: 'pair'; readonly decoder: PairDecoder; readonly keptFolder: BlockFolder | null }
    | { readonly kind: 'logits'; readonly decoder: LogitsDecoder; readonly slots: SequenceSlots }
  )

/** What the graphs of one model know of each other. */
interface Family {
  readonly prefixes: Set<PrefixCache>
  readonly recent: RecentLogits
}

/** The models inside the worker, by the main thread's numbers. */
export class LoadedModels {
  readonly #models = new Map<number, LoadedModel>()
  /** By where the weights lie. */
  readonly #families = new Map<string, Family>()

  async load(model: number, settings: ModelSettings): Promise<void> {
    const pace = new PrefillPace(streamCount(settings.kind))
    if (settings.kind === 'pair') {
      const decoder = sharedPasses(timed(await openPairDecoder(settings), pace))
      const keptFolder = openKeptFolder(settings)
      this.#models.set(model, {
        kind: 'pair',
        decoder,
        ...this.#shared(settings, keptFolder),
        pace,
        keptFolder,
      })
    } else {
      const decoder = timed(await openLogitsDecoder(settings), pace)
      const shared = this.#shared(settings)
      const slots = new SequenceSlots(decoder.shape, shared.prefixes, settings.sequenceBytes)
      this.#models.set(model, { kind: 'logits', decoder, ...shared, pace, slots })
      shared.recent.join()
    }
  }

  async release(model: number): Promise<void> {
    const loaded = this.#models.get(model)
    this.#models.delete(model)
    if (loaded?.kind === 'pair') await loaded.keptFolder?.close()
    loaded?.prefixes.leave()
    if (loaded?.kind === 'logits') loaded.recent.leave()
    await loaded?.decoder.release()
  }

  has(model: number): boolean {
    return this.#models.has(model)
  }

  all(): readonly LoadedModel[] {
    return [...this.#models.values()]
  }

  /** Null where nothing stays on disk, or no such pair is loaded. */
  keptFolder(key: number): BlockFolder | null {
    const model = this.#models.get(key)
    return model?.kind === 'pair' ? model.keptFolder : null
  }

  /** Nothing more is written to disk. */
  async endKeeping(): Promise<void> {
    for (const key of this.#models.keys()) await this.keptFolder(key)?.close()
  }

  /** Throws MisuseError for a model that is not loaded, or of another kind. */
  get<Kind extends LoadedModel['kind']>(key: number, kind: Kind): Extract<LoadedModel, { kind: Kind }> {
    const model = this.#models.get(key)
    if (model?.kind !== kind) throw new MisuseError('the model is not loaded')
    return model as Extract<LoadedModel, { kind: Kind }>
  }

  /** The graphs of one model compute the same rows, bit for bit: what one has computed, the others know. */
  #shared({ graph, cacheBytes }: ModelSettings, folder: BlockFolder | null = null): Shared {
    if (graph.layout === 'exported')
      return { prefixes: new PrefixCache(cacheBytes), recent: new RecentLogits() }
    const weights = graph.graphPaths.logits
    const family = this.#families.get(weights) ?? { prefixes: new Set(), recent: new RecentLogits() }
    this.#families.set(weights, family)
    return { prefixes: new PrefixCache(cacheBytes, family.prefixes, folder), recent: family.recent }
  }
}

/** Where this machine's rows of the model stay on disk; null for nowhere. */
function openKeptFolder({ graph, keptFolder: root }: ModelSettings): BlockFolder | null {
  if (root === null || graph.layout !== 'built') return null
  const key = rowsKey(graph)
  return key === null
    ? null
    : new BlockFolder({ root, key, blockBytes: tokenBytes(graph.shape) * BLOCK_TOKENS })
}
