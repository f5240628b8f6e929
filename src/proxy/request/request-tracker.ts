// This room owns a request while it runs: its lifetime, its record for log and metrics, and the stream of its
// reply. It must not know what is asked, and keeps no text of it.
import type { PreparedAnswer } from '../../gateway/answer.ts'
import type { ErrorCode } from '../errors/error-table.ts'
import type { Timers } from '../timers.ts'
import type { AnswerRecord, RequestRecord } from './request-record.ts'

export interface TrackerOptions {
  readonly requestId: string
  readonly method: string
  readonly route: string
  readonly timers: Timers
  readonly onFinish: (record: RequestRecord) => void
}

export interface AnswerStart {
  /** An id of the gateway's own list, or `other`. */
  readonly model: string
  readonly stream: boolean
  readonly prepared: PreparedAnswer
}

/** Gathers one request's record while it runs, and hands it over once. */
export class RequestTracker {
  /** True when the response is a stream that calls `finish` itself, after its last byte. */
  finishesLater = false
  readonly #options: TrackerOptions
  readonly #startMs: number
  #start: AnswerStart | null = null
  #error: ErrorCode | null = null
  #completionTokens = 0
  #firstTextMs: number | null = null
  #lastEndMs: number | null = null
  #finished = false
  #passedOn: 'off' | 'bypassed' | null = null

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
  passedOn(steering: 'off' | 'bypassed'): void {
    this.#passedOn = steering
  }

  textEmitted(): void {
    this.#firstTextMs ??= this.#elapsedMs()
  }

  choiceEnded(completionTokens: number): void {
    this.#completionTokens += completionTokens
    this.#lastEndMs = this.#elapsedMs()
  }

  failed(code: ErrorCode): void {
    this.#error = code
  }

  finish(status: number): void {
    if (this.#finished) return
    this.#finished = true
    const { requestId, method, route, onFinish } = this.#options
    const durationMs = this.#elapsedMs()
    const error = this.#error
    const answer = this.#answer()
    const steering = this.#passedOn ?? answer?.steering ?? 'none'
    onFinish({ requestId, method, route, status, error, durationMs, steering, answer })
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
