import type { TokenId } from '../../steer/token-id.ts'
import type { StreamedToken, StreamQuery } from '../../steer/upstream.ts'
import { oneByOne } from '../served/streams-in-full.ts'
import type { SglangQuery, SglangServer } from './server.ts'

export interface SglangStreamOptions {
  /** Tokens that fit behind the prefix, at least 1. */
  readonly room: number
  /** The server divides log-probabilities by the temperature. */
  readonly scalesLogprobs: boolean
  /** The server leaves candidates out of streams (it runs a draft model): ask for each token by itself. */
  readonly tokenByToken: boolean
}

/** Tokens drawn at once where their distributions have to be asked for apart. */
const DRAWN_AT_ONCE = 8

/**
 * A continuation with the true distribution for every token, also where the server's own stream scales them.
 */
export async function* sglangStream(
  server: SglangServer,
  { prefix, candidates, maxTokens, sampling, signal }: StreamQuery,
  { room, scalesLogprobs, tokenByToken }: SglangStreamOptions,
): AsyncGenerator<StreamedToken, void, undefined> {
  const { temperature, topK } = sampling
  const asked: SglangQuery = {
    candidates,
    maxTokens: Math.min(maxTokens, room),
    sampling: topK === 1 ? { ...sampling, temperature: 0 } : sampling,
  }
  const isTrue = topK === 1 || temperature === 0 || temperature === 1
  if (!isTrue && scalesLogprobs) yield* drawnInPieces(server, prefix, asked, signal)
  else if (!tokenByToken) yield* server.stream(prefix, asked, signal)
  else {
    yield* oneByOne({
      ...asked,
      prefix,
      next: (behind, drawn) => server.stream(behind, { candidates, maxTokens: 1, sampling: drawn }, signal),
      isEnd: (token) => server.isEnd(token),
    })
  }
}

/** Log-probabilities at another temperature cannot be scaled back, so that they are asked for apart. */
async function* drawnInPieces(
  server: SglangServer,
  prompt: readonly TokenId[],
  query: SglangQuery,
  signal: AbortSignal,
): AsyncGenerator<StreamedToken, void, undefined> {
  const prefix = [...prompt]
  let remaining = query.maxTokens
  while (remaining > 0) {
    const seed = (query.sampling.seed + prefix.length - prompt.length) % 2 ** 31
    const maxTokens = Math.min(remaining, DRAWN_AT_ONCE)
    const sampling = { ...query.sampling, seed }
    const tokens = await server.draw(prefix, { candidates: 0, maxTokens, sampling }, signal)
    const prefixes = tokens.map((_, at) => [...prefix, ...tokens.slice(0, at)])
    const distributions = await server.distributions(prefixes, query.candidates, signal)
    for (const [at, distribution] of distributions.entries()) {
      const token = tokens[at]
      if (token === undefined) break
      prefix.push(token)
      yield { token, distribution }
      if (server.isEnd(token)) return
    }
    // Fewer than asked without an end token: the server has ended it for a reason of its own.
    if (tokens.length < maxTokens) return
    remaining -= tokens.length
  }
}
