// This room owns the way of a request for an answer (answer-handler.ts): judged by its fields, prepared by
// the gateway, read whole or as a stream, or passed on to a server. An endpoint's own form lies in its
// folder. It must not know models, profiles and prompts, which are the gateway's.
import type { z } from '@hono/zod-openapi'
import type { FinishReason, TokenReport } from '../../gateway/answer.ts'
import type { AnswerRequest } from '../../gateway/answer-request.ts'
import type { ReasoningField } from '../../upstream/remote-kind.ts'
import type { ErrorEnvelope } from '../errors/error-schema.ts'
import type { FieldTable } from './fields/field-table.ts'
import type { CosteerOverrides } from './fields/steering-fields.ts'
import type { ChoiceEvent } from './merged-choices.ts'
import type { AnswerIdentity } from './wire/answer-identity.ts'

/**
 * An endpoint that answers: how it is asked and how its answers are written, with no effect on anything else.
 */
export interface AnswerEndpoint<Body extends AnswerBody, Complete extends object> {
  /** What becomes of the fields of its requests. */
  readonly fields: FieldTable
  /** What a request is checked against once it is to be answered here. */
  readonly schema: z.ZodType<Body>
  /** Whether the server's own route answers a caller without a profile. */
  readonly servedUnsteered: boolean
  /** Whether the server's own route answers what steering cannot do. Default: true. */
  readonly passedOn?: boolean
  /** The field that holds what is answered. */
  readonly conversation: 'messages' | 'prompt' | 'input'
  /** What an answer's id begins with, as in `chatcmpl-`. */
  readonly idPrefix: string
  /** Whether a request asks for a stream, where that is not `stream: true`. */
  streams?(body: Body): boolean
  /** The headers of a stream that is not one of server-sent events. */
  readonly streamHeaders?: Readonly<Record<string, string>>
  /** Who asks, in a body that need not be checked, where its field `user` does not say so. */
  userOf?(sent: object): string | undefined
  /**
   * What is asked for each prompt, at least one. Throws `invalid_request` where fields contradict each other.
   */
  asked(body: Body): readonly AskedAnswer[]
  /** The body of an answer that is not streamed. */
  complete(answer: CompleteAnswer, body: Body): Complete
  /** The frames of a streamed answer. */
  frames(answer: BegunAnswer, body: Body): FrameWriter
}

/** What the requests of all endpoints have, once they have been checked. */
export interface AnswerBody {
  readonly model?: string | null | undefined
  readonly stream?: boolean | null | undefined
  readonly user?: string | null | undefined
  readonly costeer?: CosteerOverrides | null | undefined
}

/** The part of the gateway's request that the endpoint's own fields decide. */
export type AskedAnswer = Pick<
  AnswerRequest,
  'prompt' | 'sampling' | 'maxTokens' | 'stop' | 'choices' | 'topLogprobs'
>

/** What is known of an answer before its first token. */
export interface BegunAnswer {
  readonly identity: AnswerIdentity
  /** Of all prompts. */
  readonly promptTokens: number
  /** Where a chat answer has what the model thought: as the model's own server calls it. */
  readonly reasoningField: ReasoningField
}

/** What is known of it at its end. */
export interface EndedAnswer {
  /** Of all choices. */
  readonly completionTokens: number
  /** Those of thoughts among them; null where the model has none. */
  readonly reasoningTokens: number | null
  /** Of all choices, in the currency of the upstream's price; null where it has none. */
  readonly cost: number | null
  /** Unix seconds. */
  readonly completedAt: number
}

export interface CompleteAnswer extends BegunAnswer, EndedAnswer {
  /** With several prompts: the choices of the first one, then those of the next. */
  readonly choices: readonly CompleteChoice[]
}

export interface CompleteChoice {
  /** In the model's order; no two neighbours are thoughts, or text. */
  readonly parts: readonly CompletePart[]
  readonly finishReason: FinishReason
  /** The stop string that ended it. */
  readonly stopString?: string | undefined
}

export type CompletePart =
  /** What the model thought before it went on. */
  | { readonly type: 'reasoning'; readonly text: string }
  | { readonly type: 'text'; readonly text: string; readonly tokens: readonly TokenReport[] }
  | CompleteCall

export interface CompleteCall {
  readonly type: 'call'
  readonly id: string
  readonly name: string
  /** A JSON text, cut off where the answer is. */
  readonly arguments: string
}

/**
 * Writes one stream: a function of what it has been given so far. Each call returns whole frames, or '' for
 * none.
 */
export interface FrameWriter {
  /** Ahead of the first event. */
  begin(): string
  event(event: ChoiceEvent): string
  /** After the last event of a complete answer. */
  end(ended: EndedAnswer): string
  /** In place of the rest, when the answer fails. */
  failure(error: ErrorEnvelope): string
  /** What clients skip: it keeps them, and proxies, from timing out. */
  readonly ping: string
}
