// This room owns the gateway without HTTP: from a checked request to the events of an answer. This file and
// those beside it are all that HTTP and the command line need to know of it.

import type { Passthrough } from '../upstream/passthrough/passthrough.ts'
import type { ReasoningField } from '../upstream/remote-kind.ts'
import type { PreparedAnswer } from './answer.ts'
import type { AnswerRequest, Caller } from './answer-request.ts'

export interface ModelCard {
  readonly id: string
  /** Unix seconds. */
  readonly created: number
}

/** Whether requests can be answered, as far as that can be told without one. */
export type Readiness =
  /** At least one model can; `missing` says in a sentence which cannot and why, null when all can. */
  | { readonly ready: true; readonly missing: string | null }
  /** None can; `missing` says why. */
  | { readonly ready: false; readonly missing: string }

/** What is behind a model's name, for requests that cannot be steered. */
export interface UpstreamAccess {
  /** Null when the model runs in this process: there is no server then to pass a request to. */
  readonly passthrough: Passthrough | null
  /** Whether it tells the log-probability of every token, without which a bias cannot bring one in. */
  readonly tellsEveryToken: boolean
  /** Whether its chat template offers tools to the model in a way whose calls can be told from text. */
  readonly readsCalls: boolean
  /** Where its own chat answers have what the model thought. */
  readonly reasoningField: ReasoningField
}

/** A profile, as callers may know of it. */
interface ProfileName {
  readonly id: string
  /** The user's name. */
  readonly name: string
}

/** Who a caller may be. */
export interface CallerProfiles {
  /** The profile of the caller's requests; null for none. */
  readonly chosen: ProfileName | null
  /** Those that the caller may name. */
  readonly open: readonly ProfileName[]
}

/** The assembled gateway, without HTTP. All methods throw GatewayError. */
export interface Gateway {
  readonly models: readonly ModelCard[]
  /** Asks servers that nothing was heard of lately, and waits some seconds for them at most. */
  readiness(): Promise<Readiness>
  /** Throws `model_not_found`. */
  upstreamOf(model: string): UpstreamAccess
  /** Throws what finding the caller's profile throws. */
  callerProfiles(caller: Caller): CallerProfiles
  /**
   * The server whose own chat route answers this caller, who has no profile; null where the gateway answers.
   * Throws `model_not_found`, and what finding the caller's profile throws.
   */
  unsteeredServer(model: string, caller: Caller): Passthrough | null
  /**
   * The server that a request of this caller is passed on to: it reads aliases for the private values of the
   * caller's profile, and replies have the values again. Throws what finding the caller's profile throws.
   */
  guarded(passthrough: Passthrough, caller: Caller): Passthrough
  prepare(request: AnswerRequest): Promise<PreparedAnswer>
  close(): Promise<void>
}
