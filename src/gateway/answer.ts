import type { DecodeCounters } from '../steer/decode-counters.ts'
import type { ScoreAdjustments } from '../steer/score-adjustments.ts'
import type { TokenId } from '../steer/token-id.ts'
import type { ChatMessage } from '../steer/upstream.ts'
import type { SentRequest } from '../upstream/http-endpoint.ts'
import type { Passthrough } from '../upstream/passthrough.ts'
import type { TraceReport } from './trace-report.ts'

/** What a client asked for, after the HTTP layer has checked it and before any model has seen it. */
export interface AnswerRequest {
  /** The name that the client sent. */
  readonly model: string
  readonly prompt: PublicPrompt
  readonly sampling: SamplingRequest
  /** Undefined: as many as fit the window. */
  readonly maxTokens?: number
  readonly stop: readonly string[]
  /** `n`: independent answers to the same prompt. */
  readonly choices: number
  /** Alternatives reported for each token, 0 to 20; undefined reports no log-probabilities at all. */
  readonly topLogprobs?: number
  readonly caller: Caller
  readonly overrides: SteeringOverrides
  /** Whether the answer tells how each token came about and what was sent upstream. */
  readonly trace: boolean
  readonly signal: AbortSignal
}

/** What the answer continues, as the client wrote it. */
export type PublicPrompt =
  | { readonly type: 'chat'; readonly messages: readonly ChatMessage[] }
  /** Text without a chat template; control tokens written in it are control tokens. */
  | { readonly type: 'text'; readonly text: string }
  /** The same in the upstream's token ids; checked against its vocabulary by the gateway. */
  | { readonly type: 'tokens'; readonly tokens: readonly number[] }

export interface SamplingRequest {
  /** [0, 2]; 0 is greedy. */
  readonly temperature: number
  /** (0, 1] */
  readonly topP: number
  /** 0 means no limit. */
  readonly topK: number
  /** [0, 1]; default 0. */
  readonly minP?: number
  readonly adjustments?: ScoreAdjustments
  /** Undefined draws one. */
  readonly seed?: number
}

/** What is known of who asks; configuration maps it to a profile. */
interface Caller {
  /** The bearer token, if any. */
  readonly apiKey?: string
  /** The request's `user` field. */
  readonly user?: string
  /** The `x-costeer-profile` header or `costeer.profile` body field: a profile id, or `none`. */
  readonly profile?: string
}

interface SteeringOverrides {
  /** `off` asks the upstream token by token. */
  readonly lookahead?: 'auto' | 'off'
  /** c_T, at least 0. */
  readonly strength?: number
}

export type SteeringState =
  | { readonly state: 'on'; readonly profile: string }
  | { readonly state: 'off' }
  | { readonly state: 'bypassed'; readonly reason: string }

/**
 * An answer whose prompts are rendered and checked, and whose tokens are not yet computed. Everything that can go wrong
 * before the first byte (unknown model or profile, prompt too long) has been thrown by then.
 */
export interface PreparedAnswer {
  readonly steering: SteeringState
  /** Tokens of the public prompt at the upstream. */
  readonly promptTokens: number
  /** One event stream for each choice; leaving a stream early, or the request's signal, stops its work. */
  readonly choices: readonly AsyncIterable<AnswerEvent>[]
}

export type AnswerEvent =
  | {
      readonly type: 'text-delta'
      /** Whole UTF-8 characters that cannot be part of a stop string any more; may be empty. */
      readonly text: string
      /** The tokens whose text ends in this delta, when log-probabilities were asked for. */
      readonly tokens: readonly TokenReport[]
    }
  | { readonly type: 'token-traced'; readonly trace: TraceReport }
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
      readonly finishReason: 'stop' | 'length'
      readonly completionTokens: number
    }

/** A token with its log-probability (nats) under the steered distribution at temperature 1. */
export interface TokenLogprob {
  readonly token: TokenId
  readonly bytes: Uint8Array
  readonly logprob: number
}

export interface TokenReport extends TokenLogprob {
  /** The likeliest tokens of the steered distribution, best first. */
  readonly alternatives: readonly TokenLogprob[]
}

export interface ModelCard {
  readonly id: string
  /** Unix seconds. */
  readonly created: number
}

/** How an answer was decoded, for metrics. */
export interface DecodeReport extends Readonly<DecodeCounters> {
  /** Prompt tokens of both local streams whose K/V were cached, and were not. */
  readonly cachedPrefillTokens: number
  readonly computedPrefillTokens: number
}

/** What is behind a model's name, for requests that cannot be steered. */
export interface UpstreamAccess {
  /** Null when the model runs in this process: there is no server then to pass a request to. */
  readonly passthrough: Passthrough | null
  /** Whether it tells the log-probability of every token, without which a bias cannot bring one in. */
  readonly tellsEveryToken: boolean
}

/** The assembled gateway, without HTTP. All methods throw GatewayError. */
export interface Gateway {
  readonly models: readonly ModelCard[]
  /** Null when every model is loaded and the upstreams answer; otherwise a sentence that says what is missing. */
  notReady(): string | null
  /** Throws `model_not_found`. */
  upstreamOf(model: string): UpstreamAccess
  prepare(request: AnswerRequest): Promise<PreparedAnswer>
  close(): Promise<void>
}
