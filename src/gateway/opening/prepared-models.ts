import type { InstalledModel } from '../../models/model-folder.ts'
import { type ModelText, readModelText } from '../../models/model-text.ts'
import { type LocalPrecision, prepareModel, weightBits } from '../../models/prepare-model.ts'
import { pullModel } from '../../models/pull.ts'
import type { ModelGraph } from '../../slm/graph/model-graph.ts'
import type { WeightBits } from '../../slm/graph/weight-store.ts'
import type { GatewayOptions } from '../gateway-options.ts'

/** A model that is ready to be loaded. */
export interface PreparedModel {
  /** The catalogue's or the imported name. */
  readonly name: string
  readonly text: ModelText
  readonly graph: ModelGraph
  /** Of its weights; null for a graph that somebody else has exported. */
  readonly bits: WeightBits | null
}

/** Of an embedded upstream by itself: the large model is taken as its file has it. */
export const UPSTREAM_PRECISION = 8

/** Fetches and prepares models, each once, whoever asks how often. */
export class PreparedModels {
  readonly #options: GatewayOptions
  /** By the names that were asked for, aliases among them. */
  readonly #byName: Loads = new Map()
  readonly #models: Loads = new Map()

  constructor(options: GatewayOptions) {
    this.#options = options
  }

  /**
   * The model of this name. One that is asked for again has the precision that it was first asked for with,
   * so that an upstream which is the local model shares its weights. Rejects with `model_unavailable` or
   * `model_file_invalid`. A failure is forgotten, so that a retry works.
   */
  get(name: string, precision: LocalPrecision = UPSTREAM_PRECISION): Promise<PreparedModel> {
    return this.#once(this.#byName, { key: name, load: () => this.#fetch(name, precision) })
  }

  async #fetch(name: string, precision: LocalPrecision): Promise<PreparedModel> {
    const { environment, onPull } = this.#options
    const installed = await pullModel(name, { environment, ...(onPull && { onEvent: onPull }) })
    const load = () => this.#prepare(installed, precision)
    return this.#once(this.#models, { key: installed.name, load })
  }

  async #prepare(installed: InstalledModel, precision: LocalPrecision): Promise<PreparedModel> {
    const { name } = installed
    this.#options.onProgress?.(`Preparing ${name} (a minute the first time) …`)
    const bits = await weightBits(precision, { name })
    const [text, graph] = await Promise.all([readModelText(installed), prepareModel(installed, bits)])
    return { name, text, graph, bits: graph.layout === 'built' ? bits : null }
  }

  #once(known: Loads, { key, load }: { readonly key: string; readonly load: () => Promise<PreparedModel> }) {
    const loading =
      known.get(key) ??
      load().catch((failure: unknown) => {
        known.delete(key)
        throw failure
      })
    known.set(key, loading)
    return loading
  }
}

type Loads = Map<string, Promise<PreparedModel>>
