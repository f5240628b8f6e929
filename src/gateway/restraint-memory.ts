import { newRestraint, type RestraintState } from '../steer/lookahead/restraint.ts'

const REMEMBERED_MS = 60_000

/** Whether guesses slowed down the last answers of one upstream: for a minute, not every answer has to find out anew. */
export class RestraintMemory {
  readonly #now: () => number
  #untilMs = Number.NEGATIVE_INFINITY
  #state = newRestraint

  /** `now` in milliseconds. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** How the next answer should begin. */
  recall(): RestraintState {
    return this.#now() < this.#untilMs ? this.#state : newRestraint
  }

  /** What an answer ended with; null when it did not look ahead. */
  note(state: RestraintState | null): void {
    if (state === null) return
    this.#state = state
    this.#untilMs = this.#now() + REMEMBERED_MS
  }
}
