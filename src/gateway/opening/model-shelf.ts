import { loadCatalogue } from '../../models/catalogue.ts'
import { type ModelText, readModelText } from '../../models/model-text.ts'
import { prepareModel } from '../../models/prepare-model.ts'
import { pullModel } from '../../models/pull.ts'
import type { ModelGraph } from '../../slm/graph/model-graph.ts'
import type { GatewayOptions } from '../gateway-options.ts'

/** A model that is ready to be loaded. */
export interface ShelvedModel {
  /** The catalogue's or the imported name. */
  readonly name: string
  readonly text: ModelText
  readonly graph: ModelGraph
}

/** Fetches and prepares models, each once, whoever asks how often. */
export class ModelShelf {
  readonly #options: GatewayOptions
  readonly #models = new Map<string, Promise<ShelvedModel>>()

  constructor(options: GatewayOptions) {
    this.#options = options
  }

  /**
   * Rejects with `model_unavailable` or `model_file_invalid`. A failure is forgotten, so that a retry works.
   */
  model(name: string): Promise<ShelvedModel> {
    const known = this.#models.get(name)
    if (known !== undefined) return known
    const loading = this.#load(name).catch((failure: unknown) => {
      this.#models.delete(name)
      throw failure
    })
    this.#models.set(name, loading)
    return loading
  }

  /** The tuned strength c_T of a pair of models, null when nobody has tuned it. */
  async tunedStrength(pair: { readonly upstream: string; readonly local: string }): Promise<number | null> {
    return (await loadCatalogue()).tunedStrength(pair)
  }

  async #load(name: string): Promise<ShelvedModel> {
    const { environment, onPull, onProgress } = this.#options
    const installed = await pullModel(name, { environment, ...(onPull && { onEvent: onPull }) })
    onProgress?.(`Preparing ${installed.name} (a minute the first time) …`)
    const [text, graph] = await Promise.all([readModelText(installed), prepareModel(installed)])
    return { name: installed.name, text, graph }
  }
}
