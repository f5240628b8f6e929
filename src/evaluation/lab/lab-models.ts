import type { LoadedConfig } from '../../config/load-config.ts'
import type { EmbeddedLocal, LocalConfig } from '../../config/local-settings.ts'
import { memoryShares } from '../../config/memory-shares.ts'
import type { Config } from '../../config/schema.ts'
import type { GatewayOptions } from '../../gateway/gateway-options.ts'
import { engineThreads } from '../../gateway/opening/local-model.ts'
import { type PreparedModel, PreparedModels } from '../../gateway/opening/prepared-models.ts'
import { openSteerableUpstream, type SteerableUpstream } from '../../gateway/opening/steerable-upstream.ts'
import { GatewayError } from '../../gateway-error.ts'
import { startEngine } from '../../slm/engine/engine.ts'
import { openLocalPair } from '../../slm/pair/open-local-pair.ts'
import { openTokenScorer, type TokenScorer } from '../../slm/scorer/token-scorer.ts'
import type { LocalPair } from '../../steer/local-pair.ts'
import type { Upstream } from '../../steer/upstream.ts'

/** The models of a run: an upstream as the gateway opens it, and the local model as a pair and by itself. */
export interface LabModels {
  /** The upstream's name in the configuration. */
  readonly name: string
  readonly opened: SteerableUpstream
  readonly local: PreparedModel
  readonly scorer: TokenScorer
  /** The local model by itself, as if it were the upstream. */
  readonly localUpstream: Upstream
  readonly steering: Config['steering']
  close(): Promise<void>
}

/**
 * Opens the models behind a name that clients send, the configuration's first without one. Rejects with
 * GatewayError.
 */
export async function openLabModels(
  { config }: LoadedConfig,
  { model, options }: { readonly model?: string | undefined; readonly options: GatewayOptions },
): Promise<LabModels> {
  const name = config.models.names[model ?? Object.keys(config.models.names)[0] ?? '']
  const upstreamConfig = config.upstreams[name ?? '']
  if (name === undefined || upstreamConfig === undefined) {
    throw new GatewayError('model_not_found', 'The configuration has no such name in models.names.')
  }
  const opened: { close(): Promise<void> }[] = []
  const close = async () => {
    for (const resource of opened.reverse()) await resource.close()
  }
  try {
    const prepared = new PreparedModels(options)
    const { model: localName, precision } = embeddedOnly(config.local)
    const { cacheBytes, upstreamBytes } = memoryShares(config)
    const local = await prepared.get(localName, precision)
    const engine = startEngine(engineThreads(config.local))
    opened.push(engine)
    const pair = pairOnDemand(local, () => openLocalPair({ engine, graph: local.graph, cacheBytes }))
    const upstream = await openSteerableUpstream(upstreamConfig, {
      name,
      models: prepared,
      engine,
      model: local,
      pair,
      steering: config.steering,
      cacheBytes: upstreamBytes.get(name),
      options,
      onOpened: (resource) => opened.push(resource),
    })
    const { endTokens } = local.text.vocabulary
    const scorer = await openTokenScorer({ engine, graph: local.graph, endTokens })
    const localUpstream = scoredUpstream(local, scorer)
    return { name, opened: upstream, local, scorer, localUpstream, steering: config.steering, close }
  } catch (failure) {
    await close()
    throw failure
  }
}

/** Texts are scored by the model as a whole, of which a server tells the likeliest tokens alone. */
function embeddedOnly(local: LocalConfig): EmbeddedLocal {
  if (local.kind === 'embedded') return local
  const message = 'Evaluation takes a local model of this process: give it a configuration with local.model.'
  throw new GatewayError('config_invalid', message, { param: 'local.kind' })
}

function scoredUpstream({ name, text, graph }: PreparedModel, scorer: TokenScorer): Upstream {
  const { contextTokens, vocabularySize: maxCandidates } = graph.shape
  return {
    ...scorer,
    model: name,
    vocabulary: text.vocabulary,
    limits: { contextTokens, maxCandidates, maxInFlight: 1 },
    encodeChat: async ({ messages, ...rest }) => text.tokenizer.encodeChat(messages, rest),
  }
}

/** Loads the pair's weights with the first answer: runs that only score texts need none. */
function pairOnDemand({ graph }: PreparedModel, open: () => Promise<LocalPair>): LocalPair {
  let opening: Promise<LocalPair> | null = null
  return {
    contextTokens: graph.shape.contextTokens,
    async open(prompts) {
      opening ??= open()
      return (await opening).open(prompts)
    },
    async close() {
      await (await opening)?.close()
    },
  }
}
