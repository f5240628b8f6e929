import type { DecodeCounters } from '../steer/decoding/decode-counters.ts'
import type { TokenLogprob } from '../steer/sampling/token-selector.ts'
import type { SentRequest } from '../upstream/http/http-endpoint.ts'
import type { Cost } from './costs/answer-cost.ts'
import type { AnswerViews } from './tracing/answer-views.ts'
import type { TraceReport } from './tracing/trace-report.ts'

export type SteeringState =
  | { readonly state: 'on'; readonly profile: string }
  | { readonly state: 'off'; readonly reason?: string }
  | { readonly state: 'bypassed'; readonly reason: string }

/**
 * An answer whose prompts are rendered and checked, and whose tokens are not yet computed. Everything that
 * can go wrong before the first byte (unknown model or profile, prompt too long) has been thrown by then.
 */
export interface PreparedAnswer {
  readonly steering: SteeringState
  /** Tokens of the public prompt at the upstream. */
  readonly promptTokens: number
  /** One event stream for each choice; leaving a stream early, or the request's signal, stops its work. */
  readonly choices: readonly AsyncIterable<AnswerEvent>[]
}

/** `tool_calls`: the model has ended its turn with calls. */
export type FinishReason = 'stop' | 'length' | 'tool_calls'

export type AnswerEvent =
  | {
      readonly type: 'text-delta'
      /** Whole UTF-8 characters that cannot be part of a stop string any more; may be empty. */
      readonly text: string
      /** The tokens whose text ends in this delta, when log-probabilities were asked for. */
      readonly tokens: readonly TokenReport[]
    }
  /** What the model thought before it answered, in whole characters. */
  | { readonly type: 'reasoning-delta'; readonly text: string }
  /** A call of the model's own. `index` counts those of the answer from 0. */
  | { readonly type: 'call-start'; readonly index: number; readonly id: string; readonly name: string }
  /** More of its arguments, which together are a JSON text, cut off where the answer is. */
  | { readonly type: 'call-arguments'; readonly index: number; readonly text: string }
  | { readonly type: 'call-end'; readonly index: number }
  | { readonly type: 'token-traced'; readonly trace: TraceReport }
  /** While nothing else comes: which share of its prompts the local model has read, [0, 1]. */
  | { readonly type: 'profile-read'; readonly share: number }
  | { readonly type: 'answer-views'; readonly views: AnswerViews }
  | { readonly type: 'answer-cost'; readonly cost: Cost }
  | {
      readonly type: 'upstream-sent'
      /** Since the first token was asked for; negative for what prepared the answer. */
      readonly atMs: number
      readonly request: SentRequest
      /** What the token ids in the body read, where it holds ids. */
      readonly text?: string
    }
  | {
      readonly type: 'answer-end'
      readonly finishReason: FinishReason
      /** The stop string that the answer ends before, where one ended it. */
      readonly stopString?: string
      /** What the whole answer has cost so far beyond what other choices told, where there is a price. */
      readonly cost?: number
      /** Of all channels. */
      readonly completionTokens: number
      /** Those of thoughts, for a model that may have some. */
      readonly reasoningTokens?: number
    }

/** A token's log-probability with the bytes that it stands for. */
export interface LogprobReport extends TokenLogprob {
  readonly bytes: Uint8Array
}

export interface TokenReport extends LogprobReport {
  /** The likeliest tokens of the steered distribution, best first. */
  readonly alternatives: readonly LogprobReport[]
}

/** How an answer was decoded, for metrics. */
export interface DecodeReport extends Readonly<DecodeCounters> {
  /** Prompt tokens of both local streams whose K/V were cached, and were not. */
  readonly cachedPrefillTokens: number
  readonly computedPrefillTokens: number
}
