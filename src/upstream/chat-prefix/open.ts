// This room owns services that know conversations alone and go on with an assistant's message: how they are
// told to, and how what they name is read without their tokenizer. It must not know any of them by name.
import { foregroundTokenizer } from '../../slm/encoding-thread/background-tokenizer.ts'
import type { ControlTokens } from '../../slm/text/control-tokens.ts'
import type { Upstream } from '../../steer/upstream.ts'
import { PromptText } from '../completions/prompt-text.ts'
import { TextUpstream } from '../completions/text-upstream.ts'
import { HttpEndpoint } from '../http/http-endpoint.ts'
import { SPARE_CONNECTIONS } from '../http/spare-connections.ts'
import type { TextUpstreamOptions } from '../served/upstream-options.ts'
import { ConversationTokens } from './conversation-tokens.ts'
import {
  probeCandidates,
  probeContinuation,
  probeEnd,
  probeModel,
  probeScaling,
  sampleChat,
} from './probe.ts'
import { ChatPrefixServer } from './server.ts'
import { SpelledCandidates } from './spelled-candidates.ts'

export interface ChatPrefixOptions extends TextUpstreamOptions {
  readonly controlTokens: ControlTokens
  /** K; fewer where the service allows fewer. */
  readonly candidates: number
  /** Prompt and answer together, in tokens; needed where the service does not tell. */
  readonly contextTokens?: number
  /** Of the chat route. Default: `/v1/chat/completions`. */
  readonly chatPath?: string
  /** Further fields of every request. */
  readonly requestFields?: Readonly<Record<string, unknown>>
  /** Tokens that one query may bring, at least 1. Default: 8. */
  readonly tokensPerQuery?: number
}

/** Opens a service that continues an assistant's message. Rejects with GatewayError `upstream_*`. */
export async function openChatPrefix(options: ChatPrefixOptions): Promise<Upstream> {
  const endpoint = new HttpEndpoint({ ...options, spareConnections: SPARE_CONNECTIONS })
  const { where } = endpoint
  const signal = options.signal ?? new AbortController().signal
  const { vocabulary, tokenizer, controlTokens, maxInFlight = 1 } = options
  const { background = foregroundTokenizer(tokenizer) } = options
  try {
    const wanted = { model: options.model, contextTokens: options.contextTokens }
    const { model, contextTokens } = await probeModel(endpoint, wanted, signal)
    const conversations = new ConversationTokens({ where, vocabulary, background, contextTokens })
    const promptText = new PromptText({ where, vocabulary, tokenizer, controlTokens })
    const named = new SpelledCandidates({ where, vocabulary, tokenizer, controlTokens, promptText })
    const server = new ChatPrefixServer({
      endpoint,
      model,
      path: options.chatPath ?? '/v1/chat/completions',
      fields: options.requestFields ?? {},
      conversations,
      named,
      maxInFlight,
      tokensPerQuery: options.tokensPerQuery ?? 8,
    })
    server.continuation = await probeContinuation(server, signal)
    const maxCandidates = await probeCandidates(server, options.candidates, signal)
    server.maxCandidates = maxCandidates
    named.endName = await probeEnd(server, maxCandidates, signal)
    const prompt = await conversations.encode(sampleChat, signal)
    const scalesLogprobs = await probeScaling(server, { prompt, candidates: maxCandidates }, signal)
    server.scalesLogprobs = scalesLogprobs
    const limits = { contextTokens, maxCandidates, maxInFlight }
    const encodeChat: Upstream['encodeChat'] = (chat, until) => conversations.encode(chat, until)
    // Its answers hold neither thoughts nor calls: its chat route tells them apart
    const tokenByToken = !server.tellsInFull
    const told = { scalesLogprobs, tokenByToken, chatTemplate: '' }
    const served = { model, vocabulary, encodeChat, promptText, limits, ...told }
    return new TextUpstream(endpoint, server, served)
  } catch (error) {
    await endpoint.close()
    throw error
  }
}
