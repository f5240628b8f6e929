// Engine: the worker thread in which all models of this process run, as the main thread has hold of it. This
// room owns starting, asking and ending it, and the protocol. It must not know what runs inside, nor
// profiles, nor what a token means.

import type { ModelGraph } from '../graph/model-graph.ts'
import { coreCount } from './core-count.ts'
import { type Command, WorkerLink } from './worker-link.ts'
import type { EngineUsage, ModelSettings } from './worker-protocol.ts'

export interface EngineOptions {
  /** Cores to compute with; all that this process may use by default. */
  readonly threads?: number
}

export interface ModelOptions {
  readonly graph: ModelGraph
  readonly kind: ModelSettings['kind']
  /** Budget for the K/V rows of prompts that came before, 512 MiB by default; 0 keeps none. */
  readonly cacheBytes?: number
  /** The same for sequences that are scored, as they stand; 512 MiB by default. */
  readonly sequenceBytes?: number
  /** Where rows of lasting prompts stay on disk; nowhere by default. */
  readonly keptFolder?: string | null
}

/** A model inside the worker that hosts it now. Another worker means another `ModelLink`. */
export interface ModelLink {
  readonly link: WorkerLink
  readonly model: number
}

const DEFAULT_CACHE_BYTES = 512 * 2 ** 20

/**
 * The inference worker. All models run in one: they share the cores, and two sessions at work for the same
 * ones slow each other down. A worker that dies is replaced, and its models loaded again, by the next use.
 */
export class Engine {
  readonly #threads: number
  readonly #models = new Map<number, ModelSettings>()
  readonly #loading = new Map<number, Promise<ModelLink>>()
  #link: WorkerLink | null = null
  #names = 0

  constructor({ threads = coreCount() }: EngineOptions = {}) {
    this.#threads = threads
  }

  /** Loads a model. Rejects with GatewayError `local_model_failed`. */
  async load({ graph, kind, ...options }: ModelOptions): Promise<number> {
    const { cacheBytes = DEFAULT_CACHE_BYTES, sequenceBytes = DEFAULT_CACHE_BYTES } = options
    const { keptFolder = null } = options
    const model = ++this.#names
    const threads = this.#threads
    this.#models.set(model, { graph, kind, cacheBytes, sequenceBytes, keptFolder, threads })
    await this.use(model)
    return model
  }

  /** The model where it runs now, loaded again if its worker has died. */
  async use(model: number): Promise<ModelLink> {
    if (!this.#link?.alive) {
      this.#loading.clear()
      this.#link = new WorkerLink()
    }
    const known = this.#loading.get(model)
    if (known) return known
    const loading = this.#load(this.#link, model)
    this.#loading.set(model, loading)
    loading.catch(() => this.#loading.delete(model))
    return loading
  }

  /** Frees the model's memory. */
  async release(model: number): Promise<void> {
    this.#models.delete(model)
    this.#loading.delete(model)
    if (this.#link?.alive)
      await this.#link.ask({ type: 'model-release', model }, { answer: 'model-released' })
  }

  /** What the worker holds now; null while none runs. Rejects with GatewayError `local_model_failed`. */
  async usage(): Promise<EngineUsage | null> {
    if (!this.#link?.alive) return null
    return (await this.#link.ask({ type: 'usage' }, { answer: 'usage-told' })).usage
  }

  /** Tells the worker that runs now, if any: another one knows nothing of what it is about. */
  tell(command: Extract<Command, { type: 'kept-renew' | 'kept-trim' }>): void {
    this.#link?.tell(command)
  }

  /** Collects the garbage of the worker once it has nothing else to do; for moments at which nobody waits. */
  collectGarbage(): void {
    this.#link?.tell({ type: 'garbage-collect' })
  }

  /** Ends the worker; what is still asked of it rejects. */
  async close(): Promise<void> {
    this.#models.clear()
    await this.#link?.terminate()
  }

  async #load(link: WorkerLink, model: number): Promise<ModelLink> {
    const settings = this.#models.get(model)
    if (!settings) throw new Error('the model was released')
    await link.ask({ type: 'model-load', model, settings }, { answer: 'model-loaded' })
    return { link, model }
  }
}

/** An engine, whose worker thread starts when it is first asked for something. */
export function startEngine(options?: EngineOptions): Engine {
  return new Engine(options)
}
