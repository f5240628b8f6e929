// This room owns SGLang's server: its routes and replies, and log-probabilities that it scales. It knows
// nothing of other servers.
import {
  type BackgroundTokenizer,
  foregroundTokenizer,
} from '../../slm/encoding-thread/background-tokenizer.ts'
import type { ChatPrompt } from '../../steer/chat-prompt.ts'
import type { Distribution } from '../../steer/distribution.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { DistributionsQuery, StreamedToken, StreamQuery, Upstream } from '../../steer/upstream.ts'
import { HttpEndpoint } from '../http/http-endpoint.ts'
import { SPARE_CONNECTIONS } from '../http/spare-connections.ts'
import { requireCandidates } from '../served/limits.ts'
import { type ServedModel, ServedUpstream } from '../served/served-upstream.ts'
import { streamsInFull } from '../served/streams-in-full.ts'
import type { TextUpstreamOptions } from '../served/upstream-options.ts'
import { probeVocabulary } from '../served/vocabulary-probe.ts'
import { probeChat, probeModel, probeScaling } from './probe.ts'
import { SglangServer } from './server.ts'
import { sglangStream } from './stream.ts'

/** The server has no limit of its own, and asking for more than its model has rows breaks it. */
const MAX_CANDIDATES = 1_000

/**
 * Opens SGLang's server as an upstream, after checking its model, vocabulary, chat template and
 * log-probabilities. Rejects with GatewayError `upstream_*` or `vocabulary_mismatch`.
 */
export async function openSglang(options: TextUpstreamOptions): Promise<Upstream> {
  const endpoint = new HttpEndpoint({ ...options, spareConnections: SPARE_CONNECTIONS })
  const signal = options.signal ?? new AbortController().signal
  const { vocabulary, tokenizer } = options
  try {
    const { model, contextTokens } = await probeModel(endpoint, options.model, signal)
    const server = new SglangServer({ endpoint, vocabulary, model })
    const maxCandidates = Math.min(MAX_CANDIDATES, vocabulary.size)
    requireCandidates(options.candidates, { allowed: maxCandidates, where: endpoint.where })
    await probeVocabulary(vocabulary, server, signal)
    await probeChat(endpoint, { model, tokenizer }, signal)
    const scalesLogprobs = await probeScaling(server, signal)
    const tokenByToken = !(await streamsInFull(server, signal))
    const maxInFlight = options.maxInFlight ?? 1
    const limits = { contextTokens, maxCandidates, maxInFlight }
    const { background = foregroundTokenizer(tokenizer) } = options
    return new SglangUpstream(endpoint, server, {
      model,
      vocabulary,
      background,
      limits,
      scalesLogprobs,
      tokenByToken,
    })
  } catch (error) {
    await endpoint.close()
    throw error
  }
}

interface SglangState extends ServedModel {
  readonly background: BackgroundTokenizer
  readonly scalesLogprobs: boolean
  /** The server leaves candidates out of streams (it runs a draft model): ask for each token by itself. */
  readonly tokenByToken: boolean
}

class SglangUpstream extends ServedUpstream<SglangServer> {
  readonly #state: SglangState

  constructor(endpoint: HttpEndpoint, server: SglangServer, state: SglangState) {
    super(endpoint, server, state)
    this.#state = state
  }

  async encodeChat(chat: ChatPrompt, signal: AbortSignal): Promise<TokenId[]> {
    signal.throwIfAborted()
    const { contextTokens: atMost } = this.limits
    const { messages, ...rest } = chat
    return this.#state.background.run((tokenizer) => tokenizer.encodeChat(messages, rest), { signal, atMost })
  }

  async distributions({ prefixes, candidates, signal }: DistributionsQuery): Promise<Distribution[]> {
    for (const prefix of prefixes) this.room(prefix)
    return prefixes.length === 0 ? [] : this.server.distributions(prefixes, candidates, signal)
  }

  async *stream(query: StreamQuery): AsyncGenerator<StreamedToken, void, undefined> {
    const room = this.room(query.prefix)
    const { scalesLogprobs, tokenByToken } = this.#state
    yield* sglangStream(this.server, query, { room, scalesLogprobs, tokenByToken })
  }
}
