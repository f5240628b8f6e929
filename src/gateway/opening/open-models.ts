import { collectGarbage } from '../../collect-garbage.ts'
import { type MemoryShares, memoryShares } from '../../config/memory-shares.ts'
import type { Config } from '../../config/schema.ts'
import type { ModelText } from '../../models/model-text.ts'
import { answeringText } from '../../slm/channels/answering-text.ts'
import { type Engine, startEngine } from '../../slm/engine/engine.ts'
import { OpenAnswers } from '../answering/open-answers.ts'
import type { GatewayOptions } from '../gateway-options.ts'
import { engineThreads, type LocalModel, openLocalModel } from './local-model.ts'
import { PreparedModels } from './prepared-models.ts'
import { ProfileWarmer } from './profile-warmer.ts'
import { openSteerableUpstream, type SteerableUpstream } from './steerable-upstream.ts'

/** The models that answer together: a local model, and the upstreams that it steers. */
export interface OpenModels {
  /** What they were opened by. */
  readonly config: Config
  readonly memory: MemoryShares
  readonly engine: Engine
  readonly model: LocalModel
  /** The local model's text, which ends where its answer begins. */
  readonly local: ModelText
  readonly answers: OpenAnswers
  /** By their names in the configuration. */
  readonly upstreams: ReadonlyMap<string, SteerableUpstream>
  readonly warmer: ProfileWarmer
  /** Ends what still runs on them, and frees their memory. */
  close(): Promise<void>
}

/**
 * Fetches and loads the models of a configuration, and connects its upstreams. Rejects with GatewayError, or
 * with the signal's reason; nothing is left open then.
 */
export async function openModels(
  config: Config,
  options: GatewayOptions & { readonly signal?: AbortSignal; readonly keptFolder: string | null },
): Promise<OpenModels> {
  const opened: { close(): Promise<void> | void }[] = []
  const close = async () => {
    for (const resource of opened.splice(0).reverse()) await resource.close()
  }
  try {
    const home = options.environment.costeerHome
    const models = new PreparedModels(options)
    const onOpened = (resource: (typeof opened)[number]) => {
      opened.push(resource)
      options.signal?.throwIfAborted()
    }
    const memory = memoryShares(config)
    const engine = startEngine(engineThreads(config.local))
    onOpened(engine)
    const { keptFolder } = options
    const model = await openLocalModel(config.local, { models, engine, memory, home, keptFolder, onOpened })
    const { pair } = model
    const answers = new OpenAnswers(pair)
    const local = answeringText(model.text)
    const { tokenizer } = local
    const onWarmed = () => void collectAfterWarming(engine)
    const warmer = new ProfileWarmer({ pair, tokenizer, answers, mostTokens: model.warmTokens, onWarmed })
    onOpened(warmer)
    const upstreams = new Map<string, SteerableUpstream>()
    for (const [name, upstreamConfig] of Object.entries(config.upstreams)) {
      const parts = { name, models, engine, model, pair: answers.pair, steering: config.steering, options }
      const cacheBytes = memory.upstreamBytes.get(name)
      upstreams.set(name, await openSteerableUpstream(upstreamConfig, { ...parts, cacheBytes, onOpened }))
    }
    options.signal?.throwIfAborted()
    return { config, memory, engine, model, local, answers, upstreams, warmer, close }
  } catch (failure) {
    await close()
    throw failure
  }
}

/**
 * The start and the reading of profiles leave tens of megabytes behind in both heaps. A stream that runs is
 * not held up for it: its garbage brings the collector by.
 */
async function collectAfterWarming(engine: Engine): Promise<void> {
  const usage = await engine.usage().catch(() => null)
  if (usage === null || usage.streams + usage.requests > 0) return
  collectGarbage()
  engine.collectGarbage()
}
