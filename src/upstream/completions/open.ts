// This room owns servers of the OpenAI completions API: prompts as text, and tokens found again by what they
// spell. It knows no server by name, only what it finds out by asking.
import { foregroundTokenizer } from '../../slm/encoding-thread/background-tokenizer.ts'
import type { ControlTokens } from '../../slm/text/control-tokens.ts'
import type { Upstream } from '../../steer/upstream.ts'
import { HttpEndpoint } from '../http/http-endpoint.ts'
import { SPARE_CONNECTIONS } from '../http/spare-connections.ts'
import type { TextUpstreamOptions } from '../served/upstream-options.ts'
import { NamedCandidates } from './named-candidates.ts'
import {
  probeCandidates,
  probeCounts,
  probeForcing,
  probeIds,
  probeLists,
  probeModel,
  probeNames,
  probeScaling,
  probeStream,
} from './probe.ts'
import { PromptText } from './prompt-text.ts'
import { CompletionsServer } from './server.ts'
import { TextTokens } from './text-tokens.ts'
import { localChatEncoding, TextUpstream } from './text-upstream.ts'

export interface CompletionsOptions extends TextUpstreamOptions {
  readonly controlTokens: ControlTokens
  /** K; fewer where the server allows fewer. */
  readonly candidates: number
  /** Prompt and answer together, in tokens; needed where the server does not tell. */
  readonly contextTokens?: number
}

/**
 * Opens any server of the OpenAI completions API as an upstream: prompts as text, unless it takes token ids,
 * and few candidates, named by their texts. Rejects with GatewayError `upstream_*` or `vocabulary_mismatch`.
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
    const named = new NamedCandidates({ where: endpoint.where, vocabulary, promptText, textTokens })
    const maxInFlight = options.maxInFlight ?? 1
    const server = new CompletionsServer({ endpoint, model, promptText, named, maxInFlight })
    const maxCandidates = await probeCandidates(server, options.candidates, signal)
    server.maxCandidates = maxCandidates
    textTokens.believesIds = await probeNames(server, { vocabulary, candidates: maxCandidates }, signal)
    server.takesLists = await probeLists(server, signal)
    await probeCounts(server, { tokenizer, promptText }, signal)
    server.takesIds = await probeIds(server, tokenizer, signal)
    named.asksInside = server.takesIds
    const forced = [...vocabulary.endTokens][0]
    if (forced !== undefined) {
      const sample = { tokenizer, candidates: maxCandidates, forced }
      if (await probeForcing(server, sample, signal)) server.forced = forced
    }
    const scalesLogprobs = await probeScaling(server, { tokenizer, candidates: maxCandidates }, signal)
    const tokenByToken = !(await probeStream(server, { tokenizer, candidates: maxCandidates }, signal))
    const limits = { contextTokens, maxCandidates, maxInFlight }
    const { background = foregroundTokenizer(tokenizer) } = options
    const encodeChat = localChatEncoding(background, contextTokens)
    const state = { model, vocabulary, encodeChat, promptText, limits, scalesLogprobs, tokenByToken }
    return new TextUpstream(endpoint, server, state)
  } catch (error) {
    await endpoint.close()
    throw error
  }
}
