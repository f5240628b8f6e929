// This room owns vLLM's server: its routes and replies, and what its flags may forbid. It knows nothing of
// other servers.

import type { ChatPrompt } from '../../steer/chat-prompt.ts'
import type { Distribution } from '../../steer/distribution.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { DistributionsQuery, StreamedToken, StreamQuery, Upstream } from '../../steer/upstream.ts'
import { HttpEndpoint } from '../http/http-endpoint.ts'
import { SPARE_CONNECTIONS } from '../http/spare-connections.ts'
import { encodeChat } from '../served/chat-encoding.ts'
import { requireCandidates } from '../served/limits.ts'
import { type ServedModel, ServedUpstream } from '../served/served-upstream.ts'
import { oneByOne, streamsInFull } from '../served/streams-in-full.ts'
import type { UpstreamOptions } from '../served/upstream-options.ts'
import { MAX_PADDING_ROWS, probeVocabulary } from '../served/vocabulary-probe.ts'
import { probeLogprobs, probeMaxCandidates, probeModel } from './probe.ts'
import { VllmServer } from './server.ts'

const PROBE_CANDIDATES = 100

/**
 * Opens vLLM's server as an upstream, after checking its model, vocabulary, `--max-logprobs` and
 * `--logprobs-mode`. Rejects with GatewayError `upstream_*` or `vocabulary_mismatch`.
 */
export async function openVllm(options: UpstreamOptions): Promise<Upstream> {
  const endpoint = new HttpEndpoint({ ...options, spareConnections: SPARE_CONNECTIONS })
  const signal = options.signal ?? new AbortController().signal
  const { vocabulary } = options
  try {
    const { model, contextTokens } = await probeModel(endpoint, options.model, signal)
    const allowed = await probeMaxCandidates(endpoint, { model, signal })
    const advice = `: start vLLM with --max-logprobs ${options.candidates}`
    requireCandidates(options.candidates, { allowed, where: endpoint.where, advice })
    const maxCandidates = Math.min(allowed, vocabulary.size)
    // With --max-logprobs -1 the limit is the number of rows; any other number says nothing about them.
    const rows = Math.abs(allowed - vocabulary.size) <= MAX_PADDING_ROWS ? allowed : null
    const server = new VllmServer({ endpoint, vocabulary, model, rows })
    await probeVocabulary(vocabulary, server, signal)
    await probeLogprobs(server, Math.min(maxCandidates, PROBE_CANDIDATES), signal)
    const tokenByToken = !(await streamsInFull(server, signal))
    const maxInFlight = options.maxInFlight ?? 1
    return new VllmUpstream(endpoint, server, {
      model,
      vocabulary,
      limits: { contextTokens, maxCandidates, maxInFlight },
      tokenByToken,
    })
  } catch (error) {
    await endpoint.close()
    throw error
  }
}

interface VllmState extends ServedModel {
  /** The server leaves candidates out of streams (it drafts tokens): ask for each token by itself. */
  readonly tokenByToken: boolean
}

class VllmUpstream extends ServedUpstream<VllmServer> {
  readonly #tokenByToken: boolean

  constructor(endpoint: HttpEndpoint, server: VllmServer, state: VllmState) {
    super(endpoint, server, state)
    this.#tokenByToken = state.tokenByToken
  }

  encodeChat(chat: ChatPrompt, signal: AbortSignal): Promise<TokenId[]> {
    return encodeChat(this.server, chat, signal)
  }

  async distributions({ prefixes, candidates, signal }: DistributionsQuery): Promise<Distribution[]> {
    for (const prefix of prefixes) this.room(prefix)
    return prefixes.length === 0 ? [] : this.server.distributions(prefixes, candidates, signal)
  }

  async *stream(query: StreamQuery): AsyncGenerator<StreamedToken, void, undefined> {
    const maxTokens = Math.min(query.maxTokens, this.room(query.prefix))
    const { prefix, candidates, sampling, signal } = query
    if (this.#tokenByToken) {
      yield* oneByOne({
        prefix,
        maxTokens,
        sampling,
        next: (behind, drawn) =>
          this.server.stream(behind, { candidates, maxTokens: 1, sampling: drawn }, signal),
        isEnd: (token) => this.vocabulary.endTokens.has(token),
      })
    } else yield* this.server.stream(prefix, { candidates, maxTokens, sampling }, signal)
  }
}
