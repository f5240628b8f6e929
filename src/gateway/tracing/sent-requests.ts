import type { Clock } from '../../steer/clock.ts'
import type { Vocabulary } from '../../steer/vocabulary.ts'
import type { SentRequest } from '../../upstream/http/http-endpoint.ts'
import type { AnswerEvent } from '../answer.ts'
import { requestText } from './request-text.ts'

/** The requests that went upstream for one answer, until somebody takes them. */
export class SentRequests {
  readonly #clock: Clock
  readonly #vocabulary: Vocabulary
  readonly #sent: { readonly ms: number; readonly request: SentRequest }[] = []

  constructor(clock: Clock, vocabulary: Vocabulary) {
    this.#clock = clock
    this.#vocabulary = vocabulary
  }

  readonly add = (request: SentRequest): void => {
    this.#sent.push({ ms: this.#clock.now(), request })
  }

  /** Those since the last call, as events of an answer that began at `beganMs` of the clock. */
  take(beganMs: number): AnswerEvent[] {
    return this.#sent.splice(0).map(({ ms, request }) => {
      const text = requestText(request.body, this.#vocabulary)
      const event = { type: 'upstream-sent', atMs: ms - beganMs, request } as const
      return text === undefined ? event : { ...event, text }
    })
  }
}
