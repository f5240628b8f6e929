import { setTimeout } from 'node:timers/promises'
import type { ControlTokens } from '../../slm/text/control-tokens.ts'
import type { Distribution } from '../../steer/distribution.ts'
import { gumbelMax } from '../../steer/sampling/gumbel-max.ts'
import { isGreedy } from '../../steer/sampling/sampling.ts'
import { topKTopPMinP } from '../../steer/sampling/top-k-top-p-min-p.ts'
import { type TokenId, tokenId } from '../../steer/token-id.ts'
import type {
  ChatMessage,
  DistributionsQuery,
  StreamedToken,
  StreamQuery,
  Upstream,
  UpstreamSampling,
} from '../../steer/upstream.ts'
import { HttpEndpoint } from '../http/http-endpoint.ts'
import { SPARE_CONNECTIONS } from '../http/spare-connections.ts'
import { type ServedModel, ServedUpstream } from '../served/served-upstream.ts'
import type { TextUpstreamOptions } from '../served/upstream-options.ts'
import { probeCandidates, probeCounts, probeForcing, probeModel, probeScaling } from './probe.ts'
import { PromptText } from './prompt-text.ts'
import { CompletionsServer } from './server.ts'
import { TextTokens } from './text-tokens.ts'

export interface CompletionsOptions extends TextUpstreamOptions {
  readonly controlTokens: ControlTokens
  /** Prompt and answer together, in tokens; needed where the server does not tell. */
  readonly contextTokens?: number
}

const DEFAULT_CANDIDATES = 20
const DEFAULT_IN_FLIGHT = 4
/** A guess that cannot be asked behind is refused after this time, so that nobody asks again at once. */
const REFUSAL_MS = 50

/**
 * Opens any server of the OpenAI completions API as an upstream: text prompts, few candidates, named by their texts.
 * Rejects with GatewayError `upstream_*` or `vocabulary_mismatch`.
 */
export async function openCompletions(options: CompletionsOptions): Promise<Upstream> {
  const endpoint = new HttpEndpoint({ ...options, spareConnections: SPARE_CONNECTIONS })
  const signal = options.signal ?? new AbortController().signal
  const { vocabulary, tokenizer, controlTokens } = options
  try {
    const wanted = { model: options.model, contextTokens: options.contextTokens }
    const { model, contextTokens } = await probeModel(endpoint, wanted, signal)
    const promptText = new PromptText({ where: endpoint.where, vocabulary, tokenizer, controlTokens })
    const textTokens = new TextTokens(vocabulary, controlTokens)
    const server = new CompletionsServer({ endpoint, vocabulary, model, promptText, textTokens })
    const maxCandidates = await probeCandidates(server, options.candidates ?? DEFAULT_CANDIDATES, signal)
    server.maxCandidates = maxCandidates
    await probeCounts(server, { tokenizer, promptText }, signal)
    const forced = [...vocabulary.endTokens][0]
    if (forced !== undefined) {
      const sample = { tokenizer, candidates: maxCandidates, forced }
      if (await probeForcing(server, sample, signal)) server.forced = forced
    }
    const scalesLogprobs = await probeScaling(server, { tokenizer, candidates: maxCandidates }, signal)
    const maxInFlight = options.maxInFlight ?? DEFAULT_IN_FLIGHT
    const limits = { contextTokens, maxCandidates, maxInFlight }
    const state = { model, vocabulary, tokenizer, promptText, limits, scalesLogprobs }
    return new CompletionsUpstream(endpoint, server, state)
  } catch (error) {
    await endpoint.close()
    throw error
  }
}

interface CompletionsState extends ServedModel {
  readonly tokenizer: TextUpstreamOptions['tokenizer']
  readonly promptText: PromptText
  readonly scalesLogprobs: boolean
}

class CompletionsUpstream extends ServedUpstream<CompletionsServer> {
  readonly #state: CompletionsState

  constructor(endpoint: HttpEndpoint, server: CompletionsServer, state: CompletionsState) {
    super(endpoint, server, state)
    this.#state = state
  }

  async encodeChat(messages: readonly ChatMessage[], signal: AbortSignal): Promise<TokenId[]> {
    signal.throwIfAborted()
    return this.#state.tokenizer.encodeChat(messages)
  }

  async distributions({ prefixes, candidates, signal }: DistributionsQuery): Promise<Distribution[]> {
    for (const prefix of prefixes) this.room(prefix)
    if (prefixes.length === 0) return []
    await this.#refuseCutCharacters(prefixes, signal)
    return this.server.distributions(prefixes, candidates, signal)
  }

  /** Where the server's token cannot be told, one of the candidates takes its place and a new stream goes on behind it. */
  async *stream(query: StreamQuery): AsyncGenerator<StreamedToken, void, undefined> {
    const { candidates, sampling, signal } = query
    await this.#refuseCutCharacters([query.prefix], signal)
    const prefix = [...query.prefix]
    const length = Math.min(query.maxTokens, this.room(query.prefix)) + prefix.length
    const drawsHere = this.#drawsHere(sampling)
    while (prefix.length < length) {
      const position = prefix.length - query.prefix.length
      const asked = { candidates, maxTokens: length - prefix.length, sampling }
      const seed = (sampling.seed + position) % 2 ** 31
      let untold = drawsHere
      let known: Distribution | null = null
      const steps = drawsHere
        ? []
        : this.server.stream(prefix, { ...asked, sampling: { ...sampling, seed } }, signal)
      for await (const { token, distribution } of steps) {
        untold = token === null || distribution === null
        known = distribution
        if (token === null || distribution === null) break
        prefix.push(token)
        yield { token, distribution }
        if (this.server.isEnd(token) || prefix.length === length) return
      }
      // The server ended the stream by itself.
      if (!untold) return
      const distribution = known ?? (await this.server.distributions([prefix], candidates, signal))[0]
      if (distribution === undefined) return
      const token = pick(distribution, sampling, prefix.length - query.prefix.length)
      prefix.push(token)
      yield { token, distribution }
      if (this.server.isEnd(token)) return
    }
  }

  /** Whether tokens are drawn here, since the server would not draw them so or would not report true values. */
  #drawsHere({ temperature, topK }: UpstreamSampling): boolean {
    if (temperature === 0) return false
    // The API has no top_k.
    return topK !== 0 || (temperature !== 1 && this.#state.scalesLogprobs)
  }

  async #refuseCutCharacters(prefixes: readonly (readonly TokenId[])[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const { promptText } = this.#state
    const cut = prefixes.find((prefix) => !promptText.isWhole(prefix))
    if (cut === undefined) return
    await setTimeout(REFUSAL_MS, undefined, { signal }).catch(() => signal.throwIfAborted())
    // Throws, since no text ends inside a character.
    promptText.write(cut)
  }
}

/**
 * Draws one of the candidates. They are a part of the vocabulary, whose probabilities are known at temperature 1
 * alone.
 */
function pick({ ids, logprobs }: Distribution, sampling: UpstreamSampling, position: number): TokenId {
  if (isGreedy(sampling)) return tokenId(ids[0] ?? 0)
  const kept = topKTopPMinP(logprobs, { ...sampling, temperature: 1, massOf: 'vocabulary' })
  const rank = gumbelMax({ ids, scores: logprobs }, { ...sampling, kept, position })
  return tokenId(ids[rank] ?? 0)
}
