import type { Config } from '../../config/schema.ts'
import { loadCatalogue } from '../../models/catalogue.ts'
import type { ModelText } from '../../models/model-text.ts'
import { thinkingControl } from '../../slm/channels/thinking-control.ts'
import type { Engine } from '../../slm/engine/engine.ts'
import { alignedPair } from '../../steer/alignment/aligned-pair.ts'
import type { VocabularyAlignment } from '../../steer/alignment/vocabulary-alignment.ts'
import type { ChannelGrammar } from '../../steer/channels/channel-grammar.ts'
import type { LocalPair } from '../../steer/local-pair.ts'
import type { Upstream } from '../../steer/upstream.ts'
import { isLoopback } from '../../upstream/http/loopback.ts'
import { isRemote, type UpstreamConfig, upstreamKinds } from '../../upstream/kinds.ts'
import type { OpenedUpstream } from '../../upstream/open-remote.ts'
import { shownName } from '../../upstream/shown-name.ts'
import { upstreamForAnswer } from '../../upstream/wrappers/upstream-for-answer.ts'
import type { UpstreamChannels } from '../answering/answer-pieces.ts'
import { ThrottleMemory } from '../answering/throttle-memory.ts'
import type { GatewayOptions } from '../gateway-options.ts'
import { ChatEncodingMemory } from '../prompts/chat-encoding-memory.ts'
import type { UpstreamThinking } from '../prompts/template-arguments.ts'
import { affordableCandidates } from './affordable-candidates.ts'
import { configuredStrength } from './configured-strength.ts'
import type { LocalModel } from './local-model.ts'
import { openUpstream } from './open-upstream.ts'
import type { PreparedModels } from './prepared-models.ts'
import { alignmentOf, alignmentReport, alignmentSentence } from './upstream-alignment.ts'
import { upstreamChannels } from './upstream-channels.ts'

/** An upstream of the configuration with all that answers from it need. */
export interface SteerableUpstream extends Pick<OpenedUpstream, 'upstream' | 'passthrough' | 'obstacle'> {
  readonly text: ModelText
  /** Null where upstream and local model use the same tokens. */
  readonly alignment: VocabularyAlignment | null
  /** The local pair; behind its prompts it speaks the upstream's tokens. */
  readonly pair: LocalPair
  readonly chatEncoding: ChatEncodingMemory
  readonly channels: UpstreamChannels
  readonly thinking: UpstreamThinking
  readonly config: UpstreamConfig
  /** K: log-probabilities asked for each token. */
  readonly candidates: number
  /** Further attempts at a query after a transient failure. */
  readonly retries: number
  /** c_T for this upstream with the local model, unless a request says otherwise. */
  readonly strength: number
  readonly throttle: ThrottleMemory
}

export interface OpeningSteerable {
  /** Its name in the configuration. */
  readonly name: string
  readonly models: PreparedModels
  readonly engine: Engine
  /** The local model. */
  readonly model: Pick<LocalModel, 'name' | 'text'>
  readonly pair: LocalPair
  readonly steering: Config['steering']
  /** What an embedded one may keep of conversations. */
  readonly cacheBytes?: number | undefined
  readonly options: GatewayOptions
  /** Takes what is to be closed again, also when opening fails later on. */
  readonly onOpened: (resource: { close(): Promise<void> }) => void
}

/**
 * Opens and checks an upstream, and aligns the local model with it where that is configured. Rejects with
 * GatewayError.
 */
export async function openSteerableUpstream(
  config: UpstreamConfig,
  { name, models, engine, model, pair, steering, cacheBytes, options, onOpened }: OpeningSteerable,
): Promise<SteerableUpstream> {
  const home = options.environment.costeerHome
  const opened = await openUpstream(config, { models, engine, text: model.text, home, cacheBytes })
  onOpened(opened)
  const { upstream, text, passthrough, obstacle } = opened
  onOpened(text.background)
  const { elsewhere, model: served } = upstream
  if (elsewhere !== undefined) {
    options.onProgress?.(
      `Upstream ${name}: ${shownName(served)} runs at ${elsewhere}, not on the server that is asked.`,
    )
  }
  const retries = isRemote(config) ? config.retries : 0
  const alignment = alignmentOf(config.alignment, { name, upstream: text, local: model.text })
  if (alignment !== null) {
    const report = await alignmentReport(name, alignment, upstream)
    options.onProgress?.(`Upstream ${name} has another vocabulary: alignment ${alignmentSentence(report)}`)
    options.onAligned?.(report)
  }
  const tuned = (await loadCatalogue()).tunedStrength({ upstream: upstream.model, local: model.name })
  const template = upstream.chatTemplate ?? text.chatTemplate
  const channels = upstreamChannels({ configured: config.channels, template, text })
  return {
    upstream,
    text,
    alignment,
    pair: alignment === null ? pair : alignedPair(pair, alignment),
    chatEncoding: new ChatEncodingMemory(upstreamForAnswer(upstream, { retries }), text.background),
    channels,
    thinking: {
      control: thinkingControl({ template, grammar: grammarOf(channels), tokenizer: text.tokenizer }),
      configured: config.thinking,
    },
    passthrough,
    obstacle,
    config,
    candidates: await candidatesOf(config, upstreamForAnswer(upstream, { retries })),
    retries,
    strength: configuredStrength(steering, tuned),
    throttle: new ThrottleMemory({ clock: performance, sameMachine: isOnThisMachine(config) }),
  }
}

async function candidatesOf(config: UpstreamConfig, upstream: Upstream): Promise<number> {
  const { maxCandidates } = upstream.limits
  const { candidates } = config
  if (candidates !== undefined || !isRemote(config))
    return Math.min(candidates ?? maxCandidates, maxCandidates)
  const { leastCandidates: least } = upstreamKinds[config.kind]
  const { signal } = new AbortController()
  return affordableCandidates(upstream, { least, clock: performance, signal })
}

function grammarOf(channels: UpstreamChannels): ChannelGrammar | null {
  return channels === null || channels === 'unknown-thinking' ? null : channels.grammar
}

function isOnThisMachine(config: UpstreamConfig): boolean {
  return !isRemote(config) || isLoopback(new URL(config.url).hostname)
}
