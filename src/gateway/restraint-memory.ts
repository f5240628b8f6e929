import { cautiousRestraint, newRestraint, type RestraintState } from '../steer/lookahead/restraint.ts'

const REMEMBERED_MS = 60_000

/** Whether guesses slowed down the last answers of one upstream: for a minute, not every answer has to find out anew. */
export class RestraintMemory {
  readonly #now: () => number
  #untilMs = Number.NEGATIVE_INFINITY
  readonly #unknown: RestraintState
  #state: RestraintState

  /** `now` in milliseconds. `sameMachine`: guesses may take cores from what they are to speed up. */
  constructor({ now, sameMachine }: { now: () => number; sameMachine: boolean }) {
    this.#now = now
    this.#unknown = sameMachine ? cautiousRestraint : newRestraint
    this.#state = this.#unknown
  }

  /** How the next answer should begin. */
  recall(): RestraintState {
    return this.#now() < this.#untilMs ? this.#state : this.#unknown
  }

  /** What an answer ended with; null when it did not look ahead. */
  note(state: RestraintState | null): void {
    if (state === null) return
    this.#state = state
    this.#untilMs = this.#now() + REMEMBERED_MS
  }
}
