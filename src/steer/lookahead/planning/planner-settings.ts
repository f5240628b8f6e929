import type { PublicTokens } from '../../guard/public-tokens.ts'
import type { LocalPasses } from '../../local-pair.ts'
import type { Sampling } from '../../sampling/sampling.ts'
import type { TokenId } from '../../token-id.ts'
import type { ThrottleState } from './speculation-throttle.ts'

/** What planning is told before it begins. */
export interface PlannerSettings {
  /** The public prompt in the upstream's token ids. */
  readonly prompt: PublicTokens
  /** The answer's tokens so far, as the upstream reads them, where planning begins in its midst. */
  readonly publicTokens: readonly TokenId[]
  /** How many it has, as the client reads them. */
  readonly position: number
  readonly sampling: Sampling
  readonly endTokens: ReadonlySet<TokenId>
  /** Tokens to emit at most, those so far included; at least 1 more than these. */
  readonly maxTokens: number
  /** Of the upstream: prompt and answer together, as it reads them. */
  readonly contextTokens: number
  /** Queries in flight at most; at least 1. */
  readonly maxInFlight: number
  /** Guesses are one chain, the upstream's own stream, and without guesses a query brings one token. */
  readonly isLinear?: boolean
  /** Tokens that one query may return at most; at least 1. */
  readonly maxTokensPerQuery: number
  /** A guess is asked when it is expected to save this share of a query's duration, [0, 1]. */
  readonly leastGain: number
  /** Whether to begin without guesses, and when to try the other way. */
  readonly throttle: ThrottleState
  /** As in `LookaheadSettings`. */
  readonly localPasses?: LocalPasses
  /**
   * A prefix as one that the upstream may read; null where guesses make up a private form. Throws where the
   * answer cannot go on without it.
   */
  readonly publicly: (prefix: readonly TokenId[], isNeeded: boolean) => PublicTokens | null
}

/** How many tokens the answer has, as the client reads them, where it or the upstream's window ends. */
export function endOf({ maxTokens, position, contextTokens, prompt, publicTokens }: PlannerSettings): number {
  return Math.min(maxTokens, position + contextTokens - prompt.length - publicTokens.length)
}
