import type { TokenLogprob } from '../sampling/token-selector.ts'
import type { TokenId } from '../token-id.ts'

/** A part of the work for one token. Milliseconds since the answer began. */
export interface TracedSpan {
  readonly startMs: number
  readonly endMs: number
}

/** How one token came about: what the upstream wanted, what steering made of it, and when each part ran. */
export interface TokenTrace {
  /** Index of the emitted token, from 0. */
  readonly position: number
  /** The upstream's likeliest tokens with its own log-probabilities (nats), best first. */
  readonly upstream: readonly TokenLogprob[]
  /**
   * The steered distribution's likeliest tokens (nats, over the candidates), best first,
   * and their delta (nats) relative to the mean delta under the upstream's distribution.
   */
  readonly steered: readonly (TokenLogprob & { readonly delta: number })[]
  /**
   * What the same draw takes here without the profile; the emitted token where the profile changed nothing.
   */
  readonly unsteered: TokenId
  /** delta at the emitted token minus delta at `unsteered` (nats): how far the profile moved this step. */
  readonly shift: number
  /** The guess that was already in flight for this position, null without one. */
  readonly draft: TokenId | null
  /**
   * The local forward pass that gave this position's row: the prefill for the first; null
   * when that came before.
   */
  readonly local: TracedSpan | null
  /** From sending the query that answered this position until its answer. */
  readonly upstreamQuery: TracedSpan
  readonly emittedMs: number
}
