// Decoding: loops that make a stream of tokens of two models. This room owns the options and events that all
// loops share, the token-by-token loop, and going on unsteered. It must not know lookahead, which is built on
// it, nor text and stop strings.

import type { AnswerChannels } from '../channels/answer-channels.ts'
import type { Clock } from '../clock.ts'
import type { DecodeGuard } from '../guard/decode-guard.ts'
import type { PublicTokens } from '../guard/public-tokens.ts'
import type { LocalContinuation } from '../local-pair.ts'
import type { Sampling } from '../sampling/sampling.ts'
import type { TokenLogprob } from '../sampling/token-selector.ts'
import type { GateSettings } from '../strength/gate.ts'
import type { TokenId } from '../token-id.ts'
import type { Upstream } from '../upstream.ts'
import type { DecodeCounters } from './decode-counters.ts'
import type { TokenTrace } from './token-trace.ts'

export interface SteeringSettings {
  /** c_T, at least 0. */
  readonly strength: number
  /** K: candidates asked of the upstream for each token. */
  readonly candidates: number
  /**
   * `exact` asks a position again with a larger K until its step is certified or the
   * upstream's limit is reached.
   */
  readonly fidelity: 'top-k' | 'exact'
  readonly gate: GateSettings | null
  /** `DecodeCounters.leakBits` at which the strength has fallen to zero; left out or null for no limit. */
  readonly leakBudgetBits?: number | null
  /** What happens to an answer whose local model fails on the way. */
  readonly onLocalFailure: 'continue-unsteered' | 'fail'
}

export interface DecodeOptions {
  readonly upstream: Upstream
  /**
   * Null gives the plain upstream answer. A promise is a pair that still computes its prompts: the
   * upstream is asked meanwhile, and a rejection counts as a local failure at the first token.
   */
  readonly local: LocalContinuation | Promise<LocalContinuation> | null
  /** The public prompt in the upstream's token ids. */
  readonly prompt: PublicTokens
  readonly steering: SteeringSettings
  readonly sampling: Sampling
  /** How many alternatives to report with each token, at least 0. */
  readonly alternatives: number
  readonly endTokens: ReadonlySet<TokenId>
  /** What of the answer is steered; null where all of it is. */
  readonly channels: AnswerChannels | null
  /** Keeps private values from the upstream; left out or null where there are none. */
  readonly guard?: DecodeGuard | null
  /** Tokens to emit at most; at least 1. */
  readonly maxTokens: number
  readonly clock: Clock
  /** Whether steered tokens carry a trace; it costs time and is not for hot paths. */
  readonly trace: boolean
  /** Counted up in place while the answer is decoded. */
  readonly counters: DecodeCounters
  readonly signal: AbortSignal
}

/** What a decode loop yields: tokens, then one end. The end token itself is not emitted. */
export type DecodeEvent =
  | (TokenLogprob & {
      readonly type: 'token-emitted'
      readonly alternatives: readonly TokenLogprob[]
      readonly steered: boolean
      readonly certified: boolean
      /** Present on steered tokens of a traced answer. */
      readonly trace?: TokenTrace
    })
  | { readonly type: 'decode-end'; readonly reason: 'end-token' | 'length' }
