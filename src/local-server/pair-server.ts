import { GatewayError } from '../gateway-error.ts'
import type { Distribution } from '../steer/distribution.ts'
import type { TokenId } from '../steer/token-id.ts'
import type { Vocabulary } from '../steer/vocabulary.ts'
import { invalidReply } from '../upstream/http/endpoint-failure.ts'
import type { HttpEndpoint } from '../upstream/http/http-endpoint.ts'
import { firstDistribution, forcedToken } from '../upstream/llama-cpp/forced-token.ts'
import { localServerFailure } from './local-server-failure.ts'
import type { OfStreams } from './of-streams.ts'
import { replyFields, type StreamReply, streamReplies } from './replies.ts'

/** What the server says of one stream at the end of a prompt. */
export interface StreamStep {
  readonly distribution: Distribution
  /** Tokens of the prompt that it computed; all where it does not tell. */
  readonly computedTokens: number
  /** The slot in which it did; null where it does not tell. */
  readonly slot: number | null
}

export interface PairServerOptions {
  readonly endpoint: HttpEndpoint
  readonly vocabulary: Vocabulary
  /** Sent with every request; a server with one model ignores it. */
  readonly model: string | undefined
  /** The model's name as replies tell it; another one there is another model. */
  readonly served: string
  /** Rows of the model's output. */
  readonly rows: number
  /** N: likeliest tokens asked of each stream. */
  readonly candidates: number
}

/**
 * Asks a llama-server for both streams' likeliest next tokens. Rejects with GatewayError `local_model_failed`
 * or `context_length_exceeded`, without anything that the server wrote, or with the signal's reason.
 */
export class PairServer {
  readonly #options: PairServerOptions

  constructor(options: PairServerOptions) {
    this.#options = options
  }

  /** Each stream in its own slot, whatever that holds. They may be computed one after the other. */
  async pinned(
    prompts: OfStreams<readonly TokenId[]>,
    slots: OfStreams<number>,
    signal: AbortSignal,
  ): Promise<OfStreams<StreamStep>> {
    const stopping = new AbortController()
    const one = async (prompt: readonly TokenId[], slot: number) => {
      const both = AbortSignal.any([signal, stopping.signal])
      const [reply] = await this.#complete({ prompt, id_slot: slot }, 1, both)
      return this.#step(reply as StreamReply, prompt)
    }
    try {
      const [withProfile, without] = await Promise.all([
        one(prompts.with, slots.with),
        one(prompts.without, slots.without),
      ])
      return { with: withProfile, without }
    } catch (failure) {
      stopping.abort()
      throw failure
    }
  }

  /**
   * Both streams in one request, so that the server computes them in one pass. It gives each the slot that
   * shares most with its prompt, which for a step is the one of the step before.
   */
  async together(
    prompts: OfStreams<readonly TokenId[]>,
    signal: AbortSignal,
  ): Promise<OfStreams<StreamStep>> {
    const prompt = [prompts.with, prompts.without]
    const replies = await this.#complete({ prompt }, 2, signal)
    const inOrder: StreamReply[] = []
    for (const [at, reply] of replies.entries()) inOrder[reply.index ?? at] = reply
    const [withProfile, without] = inOrder
    if (withProfile === undefined || without === undefined) throw this.#incomplete(replies.length)
    return { with: this.#step(withProfile, prompts.with), without: this.#step(without, prompts.without) }
  }

  async #complete(asked: object, answers: number, signal: AbortSignal): Promise<readonly StreamReply[]> {
    const { endpoint, model, vocabulary, candidates } = this.#options
    const body = {
      ...(model === undefined ? {} : { model }),
      ...asked,
      ...forcedToken(vocabulary, candidates),
      response_fields: replyFields,
    }
    try {
      const replies = await endpoint.post('/completion', body, streamReplies, signal)
      if (replies.length !== answers) throw this.#incomplete(replies.length)
      return replies
    } catch (failure) {
      throw localServerFailure(failure, endpoint.where)
    }
  }

  #step(reply: StreamReply, prompt: readonly TokenId[]): StreamStep {
    const { endpoint, vocabulary, served, rows, candidates } = this.#options
    const { where } = endpoint
    if (reply.model != null && reply.model !== served) {
      const message = `${where} serves another model than at the start of the gateway. Start the gateway again.`
      throw new GatewayError('local_model_failed', message)
    }
    try {
      const model = { where, rows, vocabularySize: vocabulary.size }
      return {
        distribution: firstDistribution(reply, Math.min(candidates, rows), model),
        computedTokens: Math.min(prompt.length, reply.timings?.prompt_n ?? prompt.length),
        slot: reply.id_slot ?? null,
      }
    } catch (failure) {
      throw localServerFailure(failure, where)
    }
  }

  #incomplete(count: number): unknown {
    const { where } = this.#options.endpoint
    return localServerFailure(invalidReply(where, `${count} answers to two prompts`), where)
  }
}
