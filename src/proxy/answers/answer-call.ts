import type { Context } from 'hono'
import type { AnswerRequest } from '../../gateway/answer-request.ts'
import type { ProxyEnvironment } from '../request/proxy-environment.ts'
import type { FrameShape } from './answer-frames.ts'
import type { CollectedChoices } from './collect-choices.ts'
import type { RunningAnswer } from './running-answer.ts'
import type { Unsteerable } from './unsteerable-request.ts'

/** What the gateway is asked with, beside the request's own fields. */
export interface CallContext {
  readonly model: string
  readonly apiKey: string | undefined
  readonly signal: AbortSignal
}

/** One request for an answer, whichever endpoint it came to: checked against its schema, and no more. */
export interface AnswerCall<Complete> {
  readonly c: Context<ProxyEnvironment>
  /** The name that the client sent. */
  readonly model: string | null | undefined
  readonly stream: boolean
  /** What steering cannot honour of it, if anything. */
  readonly obstacle: Unsteerable | null
  /** Its fields that a steered answer takes without effect, each named once; all names are those of docs/api.md. */
  readonly withoutEffect: readonly string[]
  /** Whether it wants a token's score raised, which takes the log-probability of every token. */
  readonly raisesTokens: boolean
  /** What the answer's id begins with, as in `chatcmpl-`. */
  readonly idPrefix: string
  /** The gateway's request for each prompt, at least one. Throws `invalid_request` where fields contradict each other. */
  requests(context: CallContext): readonly AnswerRequest[]
  /** The body of an answer that is not streamed. */
  complete(answer: RunningAnswer, collected: CollectedChoices): Complete
  /** The frames of a streamed answer. */
  frames(answer: RunningAnswer): FrameShape
}
