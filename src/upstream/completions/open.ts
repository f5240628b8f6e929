// This room owns servers of the OpenAI completions API: prompts as text, and tokens found again by what they
// spell. It knows no server by name, only what it finds out by asking.
import { setTimeout } from 'node:timers/promises'
import {
  type BackgroundTokenizer,
  foregroundTokenizer,
} from '../../slm/encoding-thread/background-tokenizer.ts'
import type { ControlTokens } from '../../slm/text/control-tokens.ts'
import type { ChatPrompt } from '../../steer/chat-prompt.ts'
import type { Distribution } from '../../steer/distribution.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { DistributionsQuery, StreamedToken, StreamQuery, Upstream } from '../../steer/upstream.ts'
import { HttpEndpoint } from '../http/http-endpoint.ts'
import { SPARE_CONNECTIONS } from '../http/spare-connections.ts'
import { type ServedModel, ServedUpstream } from '../served/served-upstream.ts'
import type { TextUpstreamOptions } from '../served/upstream-options.ts'
import { probeCandidates, probeCounts, probeForcing, probeModel, probeScaling } from './probe.ts'
import { PromptText } from './prompt-text.ts'
import { CompletionsServer } from './server.ts'
import { completionsStream } from './stream.ts'
import { TextTokens } from './text-tokens.ts'

export interface CompletionsOptions extends TextUpstreamOptions {
  readonly controlTokens: ControlTokens
  /** K; fewer where the server allows fewer. */
  readonly candidates: number
  /** Prompt and answer together, in tokens; needed where the server does not tell. */
  readonly contextTokens?: number
}

/** A guess that cannot be asked behind is refused after this time, so that nobody asks again at once. */
const REFUSAL_MS = 50

/**
 * Opens any server of the OpenAI completions API as an upstream: text prompts, few candidates, named by their
 * texts. Rejects with GatewayError `upstream_*` or `vocabulary_mismatch`.
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
    const maxCandidates = await probeCandidates(server, options.candidates, signal)
    server.maxCandidates = maxCandidates
    await probeCounts(server, { tokenizer, promptText }, signal)
    const forced = [...vocabulary.endTokens][0]
    if (forced !== undefined) {
      const sample = { tokenizer, candidates: maxCandidates, forced }
      if (await probeForcing(server, sample, signal)) server.forced = forced
    }
    const scalesLogprobs = await probeScaling(server, { tokenizer, candidates: maxCandidates }, signal)
    const maxInFlight = options.maxInFlight ?? 1
    const limits = { contextTokens, maxCandidates, maxInFlight }
    const { background = foregroundTokenizer(tokenizer) } = options
    const state = { model, vocabulary, background, promptText, limits, scalesLogprobs }
    return new CompletionsUpstream(endpoint, server, state)
  } catch (error) {
    await endpoint.close()
    throw error
  }
}

interface CompletionsState extends ServedModel {
  readonly background: BackgroundTokenizer
  readonly promptText: PromptText
  readonly scalesLogprobs: boolean
}

class CompletionsUpstream extends ServedUpstream<CompletionsServer> {
  readonly #state: CompletionsState

  constructor(endpoint: HttpEndpoint, server: CompletionsServer, state: CompletionsState) {
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
    if (prefixes.length === 0) return []
    await this.#refuseCutCharacters(prefixes, signal)
    return this.server.distributions(prefixes, candidates, signal)
  }

  async *stream(query: StreamQuery): AsyncGenerator<StreamedToken, void, undefined> {
    await this.#refuseCutCharacters([query.prefix], query.signal)
    const room = this.room(query.prefix)
    yield* completionsStream(this.server, query, { room, scalesLogprobs: this.#state.scalesLogprobs })
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
