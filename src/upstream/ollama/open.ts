// This room owns Ollama: raw prompts as text on its own routes, its rendering of conversations, and what it
// hides. It knows nothing of models that are not pulled yet.
import { foregroundTokenizer } from '../../slm/encoding-thread/background-tokenizer.ts'
import type { ControlTokens } from '../../slm/text/control-tokens.ts'
import type { Upstream } from '../../steer/upstream.ts'
import { NamedCandidates } from '../completions/named-candidates.ts'
import { probeCounts, probeScaling, probeStream } from '../completions/probe.ts'
import { PromptText } from '../completions/prompt-text.ts'
import { TextTokens } from '../completions/text-tokens.ts'
import { TextUpstream } from '../completions/text-upstream.ts'
import { HttpEndpoint } from '../http/http-endpoint.ts'
import { SPARE_CONNECTIONS } from '../http/spare-connections.ts'
import { requireCandidates } from '../served/limits.ts'
import type { TextUpstreamOptions } from '../served/upstream-options.ts'
import { ollamaChatEncoding } from './chat-encoding.ts'
import { probeOllamaModel, probeVisible } from './probe.ts'
import { type LoadSettings, MAX_CANDIDATES, OllamaServer } from './server.ts'

export interface OllamaOptions extends TextUpstreamOptions, Partial<LoadSettings> {
  readonly controlTokens: ControlTokens
}

/** Opens a model of Ollama. Rejects with GatewayError `upstream_*` or `vocabulary_mismatch`. */
export async function openOllama(options: OllamaOptions): Promise<Upstream> {
  const endpoint = new HttpEndpoint({ ...options, spareConnections: SPARE_CONNECTIONS })
  const signal = options.signal ?? new AbortController().signal
  const { vocabulary, tokenizer, controlTokens, maxInFlight = 1 } = options
  const { where } = endpoint
  try {
    requireCandidates(options.candidates, { allowed: MAX_CANDIDATES, where })
    const load = { contextTokens: options.contextTokens, keepAlive: options.keepAlive }
    const wanted = { ...load, model: options.model }
    const { name: model, contextTokens, remoteHost } = await probeOllamaModel(endpoint, wanted, signal)
    const promptText = new PromptText({ where, vocabulary, tokenizer, controlTokens })
    const textTokens = new TextTokens(vocabulary, controlTokens)
    const named = new NamedCandidates({ where, vocabulary, promptText, textTokens })
    const server = new OllamaServer({ ...load, endpoint, model, promptText, named, maxInFlight })
    await probeVisible(server, { tokenizer, named }, signal)
    await probeCounts(server, { tokenizer, promptText }, signal)
    const sample = { tokenizer, candidates: MAX_CANDIDATES }
    const scalesLogprobs = await probeScaling(server, sample, signal)
    const tokenByToken = !(await probeStream(server, sample, signal))
    const { background = foregroundTokenizer(tokenizer) } = options
    const chat = {
      ...load,
      endpoint,
      model,
      tokenizer,
      background,
      controlTokens,
      windowTokens: contextTokens,
    }
    const encodeChat = await ollamaChatEncoding(chat, signal)
    const limits = { contextTokens, maxCandidates: MAX_CANDIDATES, maxInFlight }
    const elsewhere = remoteHost === null ? {} : { elsewhere: remoteHost }
    const how = { scalesLogprobs, tokenByToken, ...elsewhere }
    const served = { model, vocabulary, encodeChat, promptText, limits, ...how }
    return new TextUpstream(endpoint, server, served)
  } catch (error) {
    await endpoint.close()
    throw error
  }
}
