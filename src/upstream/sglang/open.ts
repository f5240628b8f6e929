import type { Distribution } from '../../steer/distribution.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type {
  ChatMessage,
  DistributionsQuery,
  StreamedToken,
  StreamQuery,
  Upstream,
} from '../../steer/upstream.ts'
import { HttpEndpoint } from '../http/http-endpoint.ts'
import { SPARE_CONNECTIONS } from '../http/spare-connections.ts'
import { type ServedModel, ServedUpstream } from '../served/served-upstream.ts'
import { requireCandidates, type TextUpstreamOptions } from '../served/upstream-options.ts'
import { probeVocabulary } from '../served/vocabulary-probe.ts'
import { probeChat, probeModel, probeScaling } from './probe.ts'
import { type SglangQuery, SglangServer } from './server.ts'

const DEFAULT_IN_FLIGHT = 16
/** The server has no limit of its own, and asking for more than its model has rows breaks it. */
const MAX_CANDIDATES = 1_000
/** Tokens drawn at once where their distributions have to be asked for apart. */
const DRAWN_AT_ONCE = 8

/**
 * Opens SGLang's server as an upstream, after checking its model, vocabulary, chat template and log-probabilities.
 * Rejects with GatewayError `upstream_*` or `vocabulary_mismatch`.
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
    const maxInFlight = options.maxInFlight ?? DEFAULT_IN_FLIGHT
    const limits = { contextTokens, maxCandidates, maxInFlight }
    return new SglangUpstream(endpoint, server, { model, vocabulary, tokenizer, limits, scalesLogprobs })
  } catch (error) {
    await endpoint.close()
    throw error
  }
}

interface SglangState extends ServedModel {
  readonly tokenizer: TextUpstreamOptions['tokenizer']
  readonly scalesLogprobs: boolean
}

class SglangUpstream extends ServedUpstream<SglangServer> {
  readonly #state: SglangState

  constructor(endpoint: HttpEndpoint, server: SglangServer, state: SglangState) {
    super(endpoint, server, state)
    this.#state = state
  }

  async encodeChat(messages: readonly ChatMessage[], signal: AbortSignal): Promise<TokenId[]> {
    signal.throwIfAborted()
    return this.#state.tokenizer.encodeChat(messages)
  }

  async distributions({ prefixes, candidates, signal }: DistributionsQuery): Promise<Distribution[]> {
    for (const prefix of prefixes) this.room(prefix)
    return prefixes.length === 0 ? [] : this.server.distributions(prefixes, candidates, signal)
  }

  async *stream(query: StreamQuery): AsyncGenerator<StreamedToken, void, undefined> {
    const maxTokens = Math.min(query.maxTokens, this.room(query.prefix))
    const { candidates, sampling, signal } = query
    const { temperature, topK } = sampling
    const asked: SglangQuery = { candidates, maxTokens, sampling: topK === 1 ? greedyOf(sampling) : sampling }
    const isTrue = topK === 1 || temperature === 0 || temperature === 1
    if (isTrue || !this.#state.scalesLogprobs) yield* this.server.stream(query.prefix, asked, signal)
    else yield* this.#drawn(query.prefix, asked, signal)
  }

  /** Log-probabilities at another temperature cannot be scaled back, so that they are asked for apart. */
  async *#drawn(
    prompt: readonly TokenId[],
    query: SglangQuery,
    signal: AbortSignal,
  ): AsyncGenerator<StreamedToken, void, undefined> {
    const prefix = [...prompt]
    let remaining = query.maxTokens
    while (remaining > 0) {
      const seed = (query.sampling.seed + prefix.length - prompt.length) % 2 ** 31
      const maxTokens = Math.min(remaining, DRAWN_AT_ONCE)
      const sampling = { ...query.sampling, seed }
      const tokens = await this.server.draw(prefix, { candidates: 0, maxTokens, sampling }, signal)
      const prefixes = tokens.map((_, at) => [...prefix, ...tokens.slice(0, at)])
      const distributions = await this.server.distributions(prefixes, query.candidates, signal)
      for (const [at, distribution] of distributions.entries()) {
        const token = tokens[at]
        if (token === undefined) break
        prefix.push(token)
        yield { token, distribution }
        if (this.server.isEnd(token)) return
      }
      // Fewer than asked without an end token: the server has ended it for a reason of its own.
      if (tokens.length < maxTokens) return
      remaining -= tokens.length
    }
  }
}

function greedyOf(sampling: SglangQuery['sampling']): SglangQuery['sampling'] {
  return {
    ...sampling,
    temperature: 0,
  }
}
