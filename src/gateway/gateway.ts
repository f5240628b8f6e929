// This room owns the gateway without HTTP: from a checked request to the events of an answer. This file and
// those beside it are all that HTTP and the command line need to know of it.

import type { Passthrough } from '../upstream/passthrough/passthrough.ts'
import type { PreparedAnswer } from './answer.ts'
import type { AnswerRequest } from './answer-request.ts'

export interface ModelCard {
  readonly id: string
  /** Unix seconds. */
  readonly created: number
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
