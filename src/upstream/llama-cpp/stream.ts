import { tokenId } from '../../steer/token-id.ts'
import type { StreamedToken, StreamQuery, UpstreamSampling } from '../../steer/upstream.ts'
import { brokenOff, invalidReply } from '../http/endpoint-failure.ts'
import type { LlamaCppServer } from './server.ts'

export interface LlamaCppStreamOptions {
  /** Tokens that fit behind the prefix, at least 1. */
  readonly room: number
  /** The server leaves out distributions in streams (it runs a draft model): ask for each token by itself. */
  readonly tokenByToken: boolean
}

type Segment = { readonly type: 'ended' } | { readonly type: 'token-hidden' }

/**
 * A continuation with a distribution for every token, over a server that sends no event for a token that ends
 * inside a character: when the count jumps, the stream is left, the hidden token is asked for by itself, and
 * a new stream goes on behind it. The tokens after a lead byte are visible again, so that this costs one step
 * a character.
 */
export async function* llamaCppStream(
  server: LlamaCppServer,
  query: StreamQuery,
  { room, tokenByToken }: LlamaCppStreamOptions,
): AsyncGenerator<StreamedToken, void, undefined> {
  const walk = new Walk(query, Math.min(query.maxTokens, room), server)
  while (walk.remaining > 0) {
    if (!tokenByToken) {
      const segment = yield* streamUntilHidden(server, query, walk)
      if (segment.type === 'ended' || walk.remaining === 0) return
    }
    const step = await singleStep(server, query, walk)
    walk.accept(step)
    yield step
    if (walk.atEnd) return
  }
}

/** Where the continuation stands. */
class Walk {
  readonly #emitted: StreamedToken['token'][] = []
  remaining: number
  atEnd = false
  readonly #query: StreamQuery
  readonly #server: LlamaCppServer

  constructor(query: StreamQuery, maxTokens: number, server: LlamaCppServer) {
    this.remaining = maxTokens
    this.#query = query
    this.#server = server
  }

  accept(step: StreamedToken): void {
    this.#emitted.push(step.token)
    this.remaining--
    this.atEnd = this.#server.isEnd(step.token)
  }

  /** A long prompt is copied only where a second request goes on behind it. */
  get prefix(): readonly StreamedToken['token'][] {
    const { prefix } = this.#query
    return this.#emitted.length === 0 ? prefix : [...prefix, ...this.#emitted]
  }

  /** A later request must not repeat the draws of the first one; at the start the seed is the query's own. */
  get sampling(): UpstreamSampling {
    const { sampling } = this.#query
    const seed = (sampling.seed + Math.imul(this.#emitted.length, 0x9e3779b1)) >>> 0
    // The largest seed means a random one.
    return { ...sampling, seed: seed === 0xffffffff ? 0 : seed }
  }
}

async function* streamUntilHidden(
  server: LlamaCppServer,
  { candidates, signal }: StreamQuery,
  walk: Walk,
): AsyncGenerator<StreamedToken, Segment, undefined> {
  let received = 0
  const events = server.events(
    walk.prefix,
    { candidates, maxTokens: walk.remaining, sampling: walk.sampling },
    signal,
  )
  for await (const event of events) {
    if (event.tokens_predicted > received + (event.stop ? 0 : 1)) return { type: 'token-hidden' }
    if (event.stop) return { type: 'ended' }
    received++
    const distribution = server.distributionOf(event, candidates)
    if (distribution === null) throw invalidReply(server.where, 'a token without log-probabilities')
    const step = { token: server.checkedToken(event.tokens?.[0]), distribution }
    walk.accept(step)
    yield step
    if (walk.atEnd || walk.remaining === 0) return { type: 'ended' }
  }
  throw brokenOff(server.where)
}

async function singleStep(
  server: LlamaCppServer,
  { candidates, sampling, signal }: StreamQuery,
  walk: Walk,
): Promise<StreamedToken> {
  const drawn = sampling.temperature === 0 ? undefined : await server.draw(walk.prefix, walk.sampling, signal)
  const [distribution] = await server.distributions([walk.prefix], candidates, signal)
  if (distribution === undefined) throw invalidReply(server.where, 'no answer')
  return { token: tokenId(drawn ?? distribution.ids[0] ?? 0), distribution }
}
