import type { Distribution } from '../../steer/distribution.ts'
import { gumbelMax } from '../../steer/sampling/gumbel-max.ts'
import { isGreedy } from '../../steer/sampling/sampling.ts'
import { topKTopPMinP } from '../../steer/sampling/top-k-top-p-min-p.ts'
import { type TokenId, tokenId } from '../../steer/token-id.ts'
import type { StreamedToken, StreamQuery, UpstreamSampling } from '../../steer/upstream.ts'
import type { TextServer } from './text-server.ts'

export interface CompletionsStreamOptions {
  /** Tokens that fit behind the prefix, at least 1. */
  readonly room: number
  /** The server divides log-probabilities by the temperature. */
  readonly scalesLogprobs: boolean
  /** The server leaves candidates out of streams: ask for those of each token, and draw it here. */
  readonly tokenByToken: boolean
}

/**
 * A continuation with a distribution for every token. Where the server's token cannot be told, one of the
 * candidates takes its place and a new stream goes on behind it.
 */
export async function* completionsStream(
  server: TextServer,
  query: StreamQuery,
  { room, scalesLogprobs, tokenByToken }: CompletionsStreamOptions,
): AsyncGenerator<StreamedToken, void, undefined> {
  const { candidates, sampling, signal } = query
  const prefix = [...query.prefix]
  const length = Math.min(query.maxTokens, room) + prefix.length
  const isDrawnHere = tokenByToken || drawsHere(sampling, scalesLogprobs)
  while (prefix.length < length) {
    const position = prefix.length - query.prefix.length
    const asked = { candidates, maxTokens: length - prefix.length, sampling }
    const seed = (sampling.seed + position) % 2 ** 31
    let untold = isDrawnHere
    let known: Distribution | null = null
    const steps = isDrawnHere
      ? []
      : server.stream(prefix, { ...asked, sampling: { ...sampling, seed } }, signal)
    for await (const { token, distribution } of steps) {
      untold = token === null || distribution === null
      known = distribution
      if (token === null || distribution === null) break
      prefix.push(token)
      yield { token, distribution }
      if (server.isEnd(token) || prefix.length === length) return
    }
    // The server ended the stream by itself.
    if (!untold) return
    const distribution = known ?? (await server.distributions([prefix], candidates, signal))[0]
    if (distribution === undefined) return
    const token = pick(distribution, sampling, prefix.length - query.prefix.length)
    prefix.push(token)
    yield { token, distribution }
    if (server.isEnd(token)) return
  }
}

/** Whether tokens are drawn here, since the server would not draw them so or would not report true values. */
function drawsHere({ temperature, topK }: UpstreamSampling, scalesLogprobs: boolean): boolean {
  if (temperature === 0) return false
  // The API has no top_k.
  return topK !== 0 || (temperature !== 1 && scalesLogprobs)
}

/**
 * Draws one of the candidates. They are a part of the vocabulary, whose probabilities are
 * known at temperature 1 alone.
 */
function pick({ ids, logprobs }: Distribution, sampling: UpstreamSampling, position: number): TokenId {
  if (isGreedy(sampling)) return tokenId(ids[0] ?? 0)
  const kept = topKTopPMinP(logprobs, { ...sampling, temperature: 1, massOf: 'vocabulary' })
  const rank = gumbelMax({ ids, scores: logprobs }, { ...sampling, kept, position })
  return tokenId(ids[rank] ?? 0)
}
