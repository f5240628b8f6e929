import type { EmbeddedLocal, LocalConfig } from '../../config/local-settings.ts'
import type { MemoryShares } from '../../config/memory-shares.ts'
import { openServedModel } from '../../local-server/open-served-model.ts'
import type { ModelText } from '../../models/model-text.ts'
import { tokenBytes } from '../../slm/cache/key-value-cache.ts'
import type { Engine } from '../../slm/engine/engine.ts'
import type { WeightBits } from '../../slm/graph/weight-store.ts'
import { openLocalPair } from '../../slm/pair/open-local-pair.ts'
import type { LocalPair } from '../../steer/local-pair.ts'
import { bearerToken } from './bearer-token.ts'
import type { PreparedModels } from './prepared-models.ts'

/** The model that sees the profile, wherever it runs. */
export interface LocalModel {
  /** The catalogue's or the imported name; of a server the name there. */
  readonly name: string
  readonly text: ModelText
  readonly pair: LocalPair
  /** Tokens of profiles that are worth computing before anybody asks. */
  readonly warmTokens: number
  /** Of its weights; null where they are not this program's own. */
  readonly bits: WeightBits | null
}

/** What profiles may take of the cache before anybody has asked for them. */
const WARMED_SHARE = 0.5

export interface OpeningLocalModel {
  readonly models: PreparedModels
  readonly engine: Engine
  readonly memory: Pick<MemoryShares, 'cacheBytes' | 'runningBytes'>
  /** COSTEER_HOME */
  readonly home: string
  /** Where what is read of profiles stays on disk; null for nowhere. */
  readonly keptFolder: string | null
  /** Takes what is to be closed again. */
  readonly onOpened: (resource: { close(): Promise<void> }) => void
}

/** Opens the local model. Rejects with GatewayError. */
export async function openLocalModel(
  local: LocalConfig,
  { models, engine, memory, home, keptFolder, onOpened }: OpeningLocalModel,
): Promise<LocalModel> {
  if (local.kind === 'llama-cpp') {
    const served = await openServedModel(local, { apiKey: await bearerToken(local, 'local'), home })
    onOpened(served)
    onOpened(served.text.background)
    // Its slots would lose what others read
    return { ...served, warmTokens: 0, bits: null }
  }
  const { name, text, graph, bits } = await models.get(local.model, local.precision)
  onOpened(text.background)
  const { cacheBytes, runningBytes: openBytes } = memory
  const pair = await openLocalPair({ engine, graph, cacheBytes, openBytes, keptFolder })
  const warmTokens = (cacheBytes / tokenBytes(graph.shape)) * WARMED_SHARE
  return { name, text, pair, warmTokens, bits }
}

/** Threads for the models of this process. */
export function engineThreads(local: LocalConfig): Pick<Partial<EmbeddedLocal>, 'threads'> {
  return local.kind === 'embedded' && local.threads > 0 ? { threads: local.threads } : {}
}
