import type { ChatMessage, ChatTool } from '../steer/chat-prompt.ts'
import type { Sampling } from '../steer/sampling/sampling.ts'
import type { ThinkingRequest } from './prompts/template-arguments.ts'

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
  | {
      readonly type: 'chat'
      readonly messages: readonly ChatMessage[]
      /** Where the upstream's calls can be read (`UpstreamAccess.readsCalls`). */
      readonly tools?: OfferedTools
      readonly thinking?: ThinkingRequest
    }
  /** Text without a chat template; control tokens written in it are control tokens. */
  | { readonly type: 'text'; readonly text: string }
  /** The same in the upstream's token ids; checked against its vocabulary by the gateway. */
  | { readonly type: 'tokens'; readonly tokens: readonly number[] }

/** At least one tool that the model may call. */
export interface OfferedTools {
  readonly tools: readonly ChatTool[]
  /** `none`: not in this answer. */
  readonly choice: 'auto' | 'none'
  /** Whether an answer may hold several calls; otherwise those behind the first are left out. */
  readonly parallel: boolean
}

export interface SamplingRequest extends Omit<Sampling, 'seed'> {
  /** Undefined draws one. */
  readonly seed?: number
}

/** What is known of who asks; configuration maps it to a profile. */
export interface Caller {
  /** The bearer token, if any. */
  readonly apiKey?: string
  /** The request's `user` field. */
  readonly user?: string
  /** What its headers of `profiles.user_headers` say, in the order of that list. */
  readonly frontEndUsers?: readonly string[]
  /** The `x-costeer-profile` header or `costeer.profile` body field: a profile id, or `none`. */
  readonly profile?: string
}

interface SteeringOverrides {
  /** `off` asks the upstream token by token. */
  readonly lookahead?: 'auto' | 'off' | number
  /** c_T, at least 0. */
  readonly strength?: number
}
