import type { Config } from '../../config/schema.ts'
import { GatewayError } from '../../gateway-error.ts'
import { type Catalogue, loadCatalogue } from '../../models/catalogue.ts'
import { locateModel } from '../../models/files/model-at-path.ts'
import { type InstalledModel, listModels } from '../../models/model-folder.ts'
import { entryBits, type LocalPrecision, prepareModel, weightBits } from '../../models/prepare-model.ts'
import { pullModel } from '../../models/pull.ts'
import { memoryBytes, weightsOf } from '../../models/suggesting/model-size.ts'
import { isRemote } from '../../upstream/kinds.ts'
import { shownName } from '../../upstream/shown-name.ts'
import type { GatewayOptions } from '../gateway-options.ts'
import { openModels } from '../opening/open-models.ts'
import { UPSTREAM_PRECISION } from '../opening/prepared-models.ts'
import type { ServingModels } from '../opening/serving-models.ts'
import { chosenConfig, entryOf, type ModelChoice } from './chosen-config.ts'
import { fittingAll, type ListedModel, listChoices } from './model-listing.ts'
import { afterPullEvent, isAtRest, type ModelWork, newWork } from './model-work.ts'
import { OwnModels } from './own-models.ts'

/** Models that answer together. */
interface NamedModels {
  readonly large: readonly string[]
  readonly small: string
  /** Whether the large ones run in this process. */
  readonly embedded: boolean
}

export interface ChoiceListing {
  /** Bytes of memory that are left. */
  readonly availableBytes: number
  /** What answers now, and how it was chosen. */
  readonly now: NamedModels & { readonly choice: ModelChoice }
  /** What the configuration names; `fitting` could be the small one beside the large ones. */
  readonly configured: NamedModels & { readonly fitting: readonly string[] }
  readonly models: readonly ListedModel[]
  /** Those that were measured together, by the names that `--pair` takes. */
  readonly pairs: readonly { readonly name: string; readonly large: string; readonly small: string }[]
  /** What was asked for last. */
  readonly work: ModelWork | null
}

export interface ModelChoicesOptions {
  readonly configured: { readonly config: Config }
  /** With the configured models. */
  readonly serving: ServingModels
  readonly options: GatewayOptions
  /** Where what is read of profiles stays on disk; nowhere by default. */
  readonly keptFolder?: string | null
  /** Default: the one that comes with this program. */
  readonly catalogue?: Catalogue
  /** Bytes of memory that are left. */
  readonly availableMemory?: () => number
}

/** Lists models, fetches them, and has others answer while the gateway runs. One piece of work at a time. */
export class ModelChoices {
  readonly #options: ModelChoicesOptions
  readonly #configured: NamedModels
  readonly #availableMemory: () => number
  readonly #own = new OwnModels()
  #choice: ModelChoice = { large: null, small: null }
  #work: ModelWork | null = null
  #running: { readonly stop: AbortController; readonly ended: Promise<void> } | null = null

  constructor(options: ModelChoicesOptions) {
    this.#options = options
    this.#configured = this.#named()
    this.#availableMemory = options.availableMemory ?? (() => process.availableMemory())
  }

  async listing(): Promise<ChoiceListing> {
    const catalogue = await this.#catalogue()
    const installed = await this.#installed()
    const own = await this.#own.among(installed, catalogue)
    const models = listChoices(catalogue, { installed, own })
    return {
      availableBytes: this.#availableMemory(),
      now: { ...this.#named(), choice: this.#choice },
      configured: { ...this.#configured, fitting: fittingAll(this.#configured.large, models, catalogue) },
      models,
      pairs: catalogue.pairs.map(({ name, upstream, local }) => ({ name, large: upstream, small: local })),
      work: this.#work,
    }
  }

  /**
   * Begins to fetch and prepare a model of the catalogue. Rejects with GatewayError `invalid_request`, or
   * with `overloaded` while other work is under way.
   */
  async fetch(name: string): Promise<void> {
    const entry = entryOf(name, await this.#catalogue())
    this.#begin(newWork(null), (signal) => this.#bring({ name: entry.name, precision: 'auto' }, signal))
  }

  /**
   * Begins to have other models answer, fetched before where they are not here. Until they are loaded those
   * before answer, and whatever goes wrong they go on doing so. `answersEnd` resolves when no request that
   * runs at its call is left. Rejects as `fetch` does.
   */
  async serve(choice: ModelChoice, answersEnd: () => Promise<void>): Promise<void> {
    const { configured, serving, options, keptFolder = null } = this.#options
    const catalogue = await this.#catalogue()
    const known = { catalogue, own: await this.#own.among(await this.#installed(), catalogue) }
    const config = chosenConfig(configured.config, choice, known)
    this.#begin(newWork(choice), async (signal) => {
      for (const wanted of embeddedModels(config)) await this.#bring(wanted, signal)
      await this.#checkMemory(config, catalogue)
      this.#note({ state: 'opening', model: null, receivedBytes: null, totalBytes: null })
      const next = await openModels(config, { ...options, signal, keptFolder })
      this.#choice = choice
      this.#note({ state: 'ending' })
      await serving.replace(next, answersEnd())
    })
  }

  /** Ends a fetch; what was received is kept for the next one. */
  stop(): void {
    this.#running?.stop.abort(new GatewayError('model_unavailable', 'It was stopped.'))
  }

  async close(): Promise<void> {
    this.stop()
    // Replaced models wait for answers that end with the gateway.
    if (this.#work?.state !== 'ending') await this.#running?.ended
  }

  #begin(work: ModelWork, run: (signal: AbortSignal) => Promise<void>): void {
    if (!isAtRest(this.#work)) {
      const message =
        'Models are being fetched or changed already. Wait until that is done and the answers of the models before have ended, or stop it.'
      throw new GatewayError('overloaded', message, { retryAfterSeconds: 5 })
    }
    this.#work = work
    const stop = new AbortController()
    const ended = run(stop.signal).then(
      () => this.#note({ state: 'done', model: null }),
      (failure: unknown) => {
        const message = failure instanceof Error ? failure.message : String(failure)
        if (stop.signal.aborted) this.#note({ state: 'stopped', message: null })
        else this.#note({ state: 'failed', message })
      },
    )
    this.#running = { stop, ended }
  }

  async #bring({ name, precision }: WantedModel, signal: AbortSignal): Promise<void> {
    const { environment } = this.#options.options
    this.#note({ state: 'waiting', model: name })
    const onEvent = (event: Parameters<typeof afterPullEvent>[1]) => {
      if (this.#work !== null) this.#work = afterPullEvent(this.#work, event)
    }
    const catalogue = await this.#catalogue()
    const installed = await pullModel(name, { environment, signal, onEvent, catalogue })
    this.#note({ state: 'preparing', receivedBytes: null, totalBytes: null })
    await prepareModel(installed, await weightBits(precision, { name: installed.name, catalogue }))
    signal.throwIfAborted()
  }

  /** Running out of memory would end the gateway with all its answers. */
  async #checkMemory(config: Config, catalogue: Catalogue): Promise<void> {
    const { environment } = this.#options.options
    const each = embeddedModels(config).map(async ({ name, precision }) => {
      const entry = catalogue.find(name)
      const weights = await weightsOf(entry, await locateModel(environment.costeerHome, name))
      return memoryBytes(weights, { bits: entryBits(precision, { entry }) })
    })
    const needed = (await Promise.all(each)).reduce((sum, one) => sum + one, 0)
    const available = this.#availableMemory()
    if (needed <= available) return
    const message = `These models need about ${gigabytes(needed)} of memory beside those that answer now, and ${gigabytes(available)} are left. Close other programs, choose smaller ones, or start the gateway with them.`
    throw new GatewayError('model_unavailable', message)
  }

  #note(changes: Partial<ModelWork>): void {
    if (this.#work !== null) this.#work = { ...this.#work, ...changes }
  }

  #named(): NamedModels {
    const { model, upstreams } = this.#options.serving.now
    const all = [...upstreams.values()]
    return {
      large: all.map(({ upstream }) => shownName(upstream.model)),
      small: shownName(model.name),
      embedded: all.every(({ config }) => !isRemote(config)),
    }
  }

  #installed(): Promise<InstalledModel[]> {
    return listModels(this.#options.options.environment.costeerHome)
  }

  async #catalogue(): Promise<Catalogue> {
    return this.#options.catalogue ?? loadCatalogue()
  }
}

interface WantedModel {
  readonly name: string
  readonly precision: LocalPrecision
}

/** Models that run in this process, each once, the small one in its own precision. */
function embeddedModels({ local, upstreams }: Config): WantedModel[] {
  const small = local.kind === 'embedded' ? [{ name: local.model, precision: local.precision }] : []
  const large = Object.values(upstreams).flatMap((one): WantedModel[] =>
    isRemote(one) ? [] : [{ name: one.model, precision: UPSTREAM_PRECISION }],
  )
  const all = [...small, ...large]
  return all.filter(({ name }, at) => all.findIndex((other) => other.name === name) === at)
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`
}
