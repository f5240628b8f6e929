// This room owns a request while it runs: its lifetime, its record for log and metrics, and the stream of its
// reply. It must not know what is asked, and keeps no text of it.
import type { PreparedAnswer, SteeringState } from '../../gateway/answer.ts'
import type { ErrorCode } from '../errors/error-table.ts'
import type { Timers } from '../timers.ts'
import type { AnswerRecord, RequestDetail, RequestRecord } from './request-record.ts'

export interface TrackerOptions {
  readonly requestId: string
  readonly method: string
  readonly route: string
  readonly timers: Timers
  readonly onFinish: (record: RequestRecord, detail: RequestDetail) => void
}

export interface AnswerStart {
  /** An id of the gateway's own list, or `other`. */
  readonly model: string
  readonly stream: boolean
  readonly prepared: PreparedAnswer
  /** Whether the request asked for no profile. */
  readonly declined: boolean
}

/** What is passed on to a server, which answers instead of the gateway. */
export interface PassedStart {
  /** Null where the request names none. */
  readonly model: string | null
  readonly steering: Exclude<SteeringState, { state: 'on' }>
}

/** Gathers one request's record while it runs, and hands it over once. */
export class RequestTracker {
  /** True when the response is a stream that calls `finish` itself, after its last byte. */
  finishesLater = false
  readonly #options: TrackerOptions
  readonly #startMs: number
  #start: AnswerStart | null = null
  #error: ErrorCode | null = null
  #message: string | null = null
  #completionTokens = 0
  #cost: number | null = null
  #firstTextMs: number | null = null
  #lastEndMs: number | null = null
  #finished = false
  #passedOn: PassedStart | null = null

  constructor(options: TrackerOptions) {
    this.#options = options
    this.#startMs = options.timers.nowMs()
  }

  get requestId(): string {
    return this.#options.requestId
  }

  answerPrepared(start: AnswerStart): void {
    this.#start = start
  }

  /** A server answers instead of the gateway. */
  passedOn(start: PassedStart): void {
    this.#passedOn = start
  }

  textEmitted(): void {
    this.#firstTextMs ??= this.#elapsedMs()
  }

  /** `cost` is null at an upstream without a price. */
  choiceEnded(completionTokens: number, cost: number | null): void {
    this.#completionTokens += completionTokens
    if (cost !== null) this.#cost = (this.#cost ?? 0) + cost
    this.#lastEndMs = this.#elapsedMs()
  }

  /** `message` is what the client is told. */
  failed(code: ErrorCode, message: string): void {
    this.#error = code
    this.#message = message
  }

  finish(status: number): void {
    if (this.#finished) return
    this.#finished = true
    const { requestId, method, route, onFinish } = this.#options
    const durationMs = this.#elapsedMs()
    const error = this.#error
    const answer = this.#answer()
    const steering = this.#passedOn?.steering.state ?? answer?.steering ?? 'none'
    onFinish({ requestId, method, route, status, error, durationMs, steering, answer }, this.#detail())
  }

  #detail(): RequestDetail {
    const start = this.#start
    const steering = this.#passedOn?.steering ?? start?.prepared.steering ?? null
    return {
      model: this.#passedOn?.model ?? start?.model ?? null,
      profile: steering?.state === 'on' ? steering.profile : null,
      reason: reasonOf(steering, start?.declined === true),
      cost: this.#cost,
      message: this.#message,
    }
  }

  #answer(): AnswerRecord | null {
    if (this.#start === null) return null
    const { model, stream, prepared } = this.#start
    const first = this.#firstTextMs
    return {
      model,
      stream,
      steering: prepared.steering.state,
      choices: prepared.choices.length,
      promptTokens: prepared.promptTokens,
      completionTokens: this.#completionTokens,
      firstTextMs: first,
      decodeMs: first === null || this.#lastEndMs === null ? null : this.#lastEndMs - first,
    }
  }

  #elapsedMs(): number {
    return this.#options.timers.nowMs() - this.#startMs
  }
}

function reasonOf(steering: SteeringState | null, declined: boolean): string | null {
  if (steering === null || steering.state === 'on') return null
  return steering.reason ?? (declined ? 'declined' : 'no-profile')
}
