// This room owns llama.cpp's server: its routes and replies, its slots, and tokens that its streams hide. It
// knows nothing of other servers.

import type { ChatPrompt } from '../../steer/chat-prompt.ts'
import type { Distribution } from '../../steer/distribution.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { DistributionsQuery, StreamedToken, StreamQuery, Upstream } from '../../steer/upstream.ts'
import { HttpEndpoint } from '../http/http-endpoint.ts'
import { SPARE_CONNECTIONS } from '../http/spare-connections.ts'
import { encodeChat } from '../served/chat-encoding.ts'
import { type ServedModel, ServedUpstream } from '../served/served-upstream.ts'
import type { UpstreamOptions } from '../served/upstream-options.ts'
import { probeVocabulary } from '../served/vocabulary-probe.ts'
import { probeLogprobs, probePace, probeReadsAgain, probeServer } from './probe.ts'
import { LlamaCppServer } from './server.ts'
import { llamaCppStream } from './stream.ts'

/**
 * Opens llama.cpp's server as an upstream, after checking its model, vocabulary and log-probabilities.
 * Rejects with GatewayError `upstream_*` or `vocabulary_mismatch`.
 */
export async function openLlamaCpp(options: UpstreamOptions): Promise<Upstream> {
  let slotCount = 1
  const endpoint = new HttpEndpoint({
    ...options,
    idleConnections: IDLE_CONNECTIONS,
    spareConnections: SPARE_CONNECTIONS,
    plentyOfConnections: () => slotCount + CONNECTIONS_BEYOND_SLOTS,
  })
  const signal = options.signal ?? new AbortController().signal
  try {
    const { slots, contextTokens, served, chatTemplate, ...told } = await probeServer(
      endpoint,
      options.model,
      signal,
    )
    slotCount = slots
    const { vocabulary, model } = options
    const rows = told.rows ?? vocabulary.size
    const server = new LlamaCppServer({ endpoint, vocabulary, slots, rows, model })
    await probeVocabulary(vocabulary, server, signal)
    const tokenByToken = await probeLogprobs(server, signal)
    const pace = await probePace(server, signal)
    const readsAgain = await probeReadsAgain(server, signal)
    const sideBySide = pace !== null && pace.stepsPerPromptToken > COSTLY_PROMPT ? 1 : slots
    const maxInFlight = Math.min(slots, options.maxInFlight ?? sideBySide)
    const maxCandidates = Math.min(rows, vocabulary.size)
    const limits = { contextTokens, maxCandidates, maxInFlight, ...(readsAgain ? { readsAgain } : {}) }
    const template = chatTemplate === undefined ? {} : { chatTemplate }
    const state = { model: served, vocabulary, limits, slots, tokenByToken, ...template }
    return new LlamaCppUpstream(endpoint, server, state)
  } catch (error) {
    await endpoint.close()
    throw error
  }
}

/**
 * The server keeps one of its threads, four more than it has slots, for each open connection, idle or not:
 * beyond them every request waits for seconds until an idle one is dropped. One is left to other clients.
 */
const CONNECTIONS_BEYOND_SLOTS = 3
const IDLE_CONNECTIONS = 2

/**
 * A token of a prompt that takes more of a step than this tells of a server that computes on a processor:
 * there queries side by side slow each other down, and each slot first has to compute the whole prompt.
 */
const COSTLY_PROMPT = 0.15

interface LlamaCppState extends ServedModel {
  readonly slots: number
  readonly tokenByToken: boolean
}

class LlamaCppUpstream extends ServedUpstream<LlamaCppServer> {
  readonly #slots: number
  readonly #tokenByToken: boolean

  constructor(endpoint: HttpEndpoint, server: LlamaCppServer, state: LlamaCppState) {
    super(endpoint, server, state)
    this.#slots = state.slots
    this.#tokenByToken = state.tokenByToken
  }

  encodeChat(chat: ChatPrompt, signal: AbortSignal): Promise<TokenId[]> {
    return encodeChat(this.server, chat, signal)
  }

  async distributions({ prefixes, candidates, signal }: DistributionsQuery): Promise<Distribution[]> {
    for (const prefix of prefixes) this.room(prefix)
    if (prefixes.length === 0) return []
    const order = sendingOrder(prefixes, this.#slots)
    const sent = order.map((at) => prefixes[at] ?? [])
    const answers = await this.server.distributions(sent, candidates, signal)
    const inOrder: Distribution[] = []
    for (const [at, position] of order.entries()) {
      const answer = answers[at]
      if (answer !== undefined) inOrder[position] = answer
    }
    return inOrder
  }

  async *stream(query: StreamQuery): AsyncGenerator<StreamedToken, void, undefined> {
    const room = this.room(query.prefix)
    yield* llamaCppStream(this.server, query, { room, tokenByToken: this.#tokenByToken })
  }
}

/**
 * The server gives each prompt of a list, in order, the free slot that shares most with it. Longest first,
 * each prefix of a chain finds the slot that computed its neighbour a round ago; with more prompts than
 * slots, the second wave finds the slots of the first when the short ones run first.
 */
function sendingOrder(prefixes: readonly (readonly TokenId[])[], slots: number): number[] {
  const direction = prefixes.length <= slots ? -1 : 1
  const length = (at: number): number => prefixes[at]?.length ?? 0
  return [...prefixes.keys()].sort((a, b) => direction * (length(a) - length(b)))
}
