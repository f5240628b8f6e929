// Steer: the algorithm, from the models' distributions to the tokens of an answer. This room owns how a token
// is chosen, when the models are asked, and the two interfaces around which all is built: `Upstream` here and
// `LocalPair` in local-pair.ts. It must not know files, networks, workers, profiles or HTTP: it does no I/O.

import type { Public } from '../guard/public.ts'
import type { ChatPrompt } from './chat-prompt.ts'
import type { Distribution } from './distribution.ts'
import type { PublicTokens } from './guard/public-tokens.ts'
import type { Sampling } from './sampling/sampling.ts'
import type { TokenId } from './token-id.ts'
import type { Vocabulary } from './vocabulary.ts'

/** How the upstream itself picks tokens when it streams unsteered: what all of them understand alike. */
export type UpstreamSampling = Pick<Sampling, 'temperature' | 'topP' | 'topK' | 'seed'>

export interface DistributionsQuery {
  /** Whole sequences, prompt first. Independent of each other, although they mostly share a long prefix. */
  readonly prefixes: readonly PublicTokens[]
  /** K: how many of the likeliest tokens to return, 1 to `limits.maxCandidates`. */
  readonly candidates: number
  readonly signal: AbortSignal
}

export interface StreamQuery {
  readonly prefix: PublicTokens
  readonly candidates: number
  /** At least 1. The stream ends earlier at an end token, which is its last step. */
  readonly maxTokens: number
  readonly sampling: UpstreamSampling
  readonly signal: AbortSignal
}

/**
 * One step of a free-running stream: the distribution at a position and the token that
 * the upstream put there.
 */
export interface StreamedToken {
  readonly token: TokenId
  readonly distribution: Distribution
}

export interface UpstreamLimits {
  /** Prompt and answer together, in tokens. */
  readonly contextTokens: number
  /** The largest K the upstream answers. */
  readonly maxCandidates: number
  /** Queries that the upstream runs side by side before they wait for each other. */
  readonly maxInFlight: number
  /**
   * Whether it reads much of a prompt again where a prefix leaves what it has computed, as models with
   * recurrent layers or sliding windows do. Left out where going back costs nothing.
   */
  readonly readsAgain?: boolean
}

/**
 * The large model, which sees only the public conversation and emitted tokens: what is asked of it is of
 * types that only `src/guard/public.ts` makes. All calls reject with a GatewayError (`upstream_*`), or with
 * the signal's reason once aborted; an abort also stops the work at the upstream.
 */
export interface Upstream {
  /** The model's name where it is served. */
  readonly model: string
  readonly vocabulary: Vocabulary
  readonly limits: UpstreamLimits
  /** Its chat template as Jinja source, where the server tells. */
  readonly chatTemplate?: string
  /** The host on which the model runs, where that is not the server that is asked. */
  readonly elsewhere?: string
  /**
   * Renders the conversation with the upstream's own chat template, ready for the assistant's first token.
   */
  encodeChat(chat: Public<ChatPrompt>, signal: AbortSignal): Promise<TokenId[]>
  /** One distribution for each prefix, in order. */
  distributions(query: DistributionsQuery): Promise<Distribution[]>
  /** A free-running continuation, one step for each token. Leaving the loop early stops it. */
  stream(query: StreamQuery): AsyncIterable<StreamedToken>
  close(): Promise<void>
}
