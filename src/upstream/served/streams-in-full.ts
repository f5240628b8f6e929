import { GatewayError } from '../../gateway-error.ts'
import type { Distribution } from '../../steer/distribution.ts'
import { greedy } from '../../steer/sampling/sampling.ts'
import { type TokenId, tokenIds } from '../../steer/token-id.ts'
import type { StreamedToken, UpstreamSampling } from '../../steer/upstream.ts'

/**
 * A text to ask behind, so as to find out whether streams leave candidates out: it repeats itself, so that
 * whatever drafts guesses some of its tokens.
 */
export const REPEATING_TEXT = 'one, two, three, one, two, three, one, two, three, one,'
/** So many that a draft, or several tokens predicted at once, begins before the last. */
export const PROBED_TOKENS = 6

/**
 * Whether each token of a stream, of which at least 2 candidates were asked for, comes with some. Servers
 * with a draft model, or one that predicts several tokens (MTP), may name the likeliest for the first token
 * alone, and some name none in streams. Rejects with GatewayError `upstream_*`, and takes
 * `upstream_invalid_reply` for such a stream.
 */
export async function tellsInFull(
  steps: AsyncIterable<{ readonly distribution: Distribution | null }>,
): Promise<boolean> {
  try {
    let told = 0
    for await (const { distribution } of steps) {
      if ((distribution?.ids.length ?? 0) < 2) return false
      told++
    }
    return told > 0
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'upstream_invalid_reply') return false
    throw error
  }
}

interface StreamingServer {
  tokenize(text: string, signal: AbortSignal): Promise<readonly number[]>
  stream(
    prefix: readonly TokenId[],
    query: { readonly candidates: number; readonly maxTokens: number; readonly sampling: UpstreamSampling },
    signal: AbortSignal,
  ): AsyncIterable<StreamedToken>
}

/** The same of a server that takes token ids. Rejects with GatewayError `upstream_*`. */
export async function streamsInFull(server: StreamingServer, signal: AbortSignal): Promise<boolean> {
  const prefix = tokenIds(await server.tokenize(REPEATING_TEXT, signal))
  const query = { candidates: 2, maxTokens: PROBED_TOKENS, sampling: greedy }
  return tellsInFull(server.stream(prefix, query, signal))
}

export interface OneByOneOptions {
  readonly prefix: readonly TokenId[]
  /** At least 1. */
  readonly maxTokens: number
  readonly sampling: UpstreamSampling
  /** A stream of one token behind a prefix. */
  readonly next: (prefix: readonly TokenId[], sampling: UpstreamSampling) => AsyncIterable<StreamedToken>
  readonly isEnd: (token: TokenId) => boolean
}

/** The continuation that such a server would stream, one query a token. */
export async function* oneByOne({
  prefix: prompt,
  maxTokens,
  sampling,
  next,
  isEnd,
}: OneByOneOptions): AsyncGenerator<StreamedToken, void, undefined> {
  const prefix = [...prompt]
  for (let made = 0; made < maxTokens; made++) {
    // Each query draws anew; at the first the seed is the caller's own
    const seed = (sampling.seed + made) % 2 ** 31
    let last: TokenId | null = null
    for await (const step of next(prefix, { ...sampling, seed })) {
      last = step.token
      yield step
    }
    if (last === null || isEnd(last)) return
    prefix.push(last)
  }
}
