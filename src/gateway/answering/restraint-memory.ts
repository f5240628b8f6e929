import type { Clock } from '../../steer/clock.ts'
import {
  cautiousRestraint,
  newRestraint,
  type RestraintState,
} from '../../steer/lookahead/planning/restraint.ts'

const REMEMBERED_MS = 60_000

/** Whether guesses slowed down the last answers of one upstream: for a minute, not every answer has to find out anew. */
export class RestraintMemory {
  readonly #clock: Clock
  readonly #unknown: RestraintState
  #untilMs = Number.NEGATIVE_INFINITY
  #state: RestraintState

  /** `sameMachine`: guesses may take cores from what they are to speed up. */
  constructor({ clock, sameMachine }: { clock: Clock; sameMachine: boolean }) {
    this.#clock = clock
    this.#unknown = sameMachine ? cautiousRestraint : newRestraint
    this.#state = this.#unknown
  }

  /** How the next answer should begin. */
  recall(): RestraintState {
    return this.#clock.now() < this.#untilMs ? this.#state : this.#unknown
  }

  /** What an answer ended with; null when it did not look ahead. */
  note(state: RestraintState | null): void {
    if (state === null) return
    this.#state = state
    this.#untilMs = this.#clock.now() + REMEMBERED_MS
  }
}
