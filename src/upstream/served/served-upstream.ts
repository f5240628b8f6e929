// This room owns what upstreams behind HTTP share, whatever they speak: options, limits, candidates, encoding
// of conversations, vocabulary checks and health. It knows no server's routes.

import type { ChatPrompt } from '../../steer/chat-prompt.ts'
import type { Distribution } from '../../steer/distribution.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type {
  DistributionsQuery,
  StreamedToken,
  StreamQuery,
  Upstream,
  UpstreamLimits,
} from '../../steer/upstream.ts'
import type { Vocabulary } from '../../steer/vocabulary.ts'
import type { HttpEndpoint } from '../http/http-endpoint.ts'
import { roomBehind } from './limits.ts'

export interface ServedModel {
  readonly model: string
  readonly vocabulary: Vocabulary
  readonly limits: UpstreamLimits
  readonly chatTemplate?: string
  readonly elsewhere?: string
}

/** What all upstreams behind HTTP have in common, whatever their server speaks. */
export abstract class ServedUpstream<Server extends { readonly where: string }> implements Upstream {
  readonly model: string
  readonly vocabulary: Vocabulary
  readonly limits: UpstreamLimits
  readonly chatTemplate?: string
  readonly elsewhere?: string
  protected readonly server: Server
  readonly #endpoint: HttpEndpoint

  constructor(
    endpoint: HttpEndpoint,
    server: Server,
    { model, vocabulary, limits, chatTemplate, elsewhere }: ServedModel,
  ) {
    this.#endpoint = endpoint
    this.server = server
    this.model = model
    this.vocabulary = vocabulary
    this.limits = limits
    if (chatTemplate !== undefined) this.chatTemplate = chatTemplate
    if (elsewhere !== undefined) this.elsewhere = elsewhere
  }

  abstract encodeChat(chat: ChatPrompt, signal: AbortSignal): Promise<TokenId[]>
  abstract distributions(query: DistributionsQuery): Promise<Distribution[]>
  abstract stream(query: StreamQuery): AsyncGenerator<StreamedToken, void, undefined>

  close(): Promise<void> {
    return this.#endpoint.close()
  }

  /** Tokens that fit behind `prefix`. Throws GatewayError `context_length_exceeded` when none does. */
  protected room(prefix: readonly TokenId[]): number {
    return roomBehind(prefix, this.limits.contextTokens, this.server.where)
  }
}
