import { type ModelText, readModelText } from '../../models/model-text.ts'
import { prepareModel } from '../../models/prepare-model.ts'
import { pullModel } from '../../models/pull.ts'
import type { ModelGraph } from '../../slm/graph/model-graph.ts'
import type { GatewayOptions } from '../gateway-options.ts'

/** A model that is ready to be loaded. */
export interface PreparedModel {
  /** The catalogue's or the imported name. */
  readonly name: string
  readonly text: ModelText
  readonly graph: ModelGraph
}

/** Fetches and prepares models, each once, whoever asks how often. */
export class PreparedModels {
  readonly #options: GatewayOptions
  readonly #models = new Map<string, Promise<PreparedModel>>()

  constructor(options: GatewayOptions) {
    this.#options = options
  }

  /**
   * Rejects with `model_unavailable` or `model_file_invalid`. A failure is forgotten, so that a retry works.
   */
  get(name: string): Promise<PreparedModel> {
    const known = this.#models.get(name)
    if (known !== undefined) return known
    const loading = this.#load(name).catch((failure: unknown) => {
      this.#models.delete(name)
      throw failure
    })
    this.#models.set(name, loading)
    return loading
  }

  async #load(name: string): Promise<PreparedModel> {
    const { environment, onPull, onProgress } = this.#options
    const installed = await pullModel(name, { environment, ...(onPull && { onEvent: onPull }) })
    onProgress?.(`Preparing ${installed.name} (a minute the first time) …`)
    const [text, graph] = await Promise.all([readModelText(installed), prepareModel(installed)])
    return { name: installed.name, text, graph }
  }
}
