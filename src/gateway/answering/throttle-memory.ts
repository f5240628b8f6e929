import type { Clock } from '../../steer/clock.ts'
import {
  cautiousThrottle,
  initialThrottle,
  type ThrottleState,
} from '../../steer/lookahead/planning/speculation-throttle.ts'

const REMEMBERED_MS = 60_000

/**
 * Whether guesses slowed down the last answers of one upstream: for a minute, not every answer has to find
 * out anew.
 */
export class ThrottleMemory {
  readonly #clock: Clock
  readonly #unknown: ThrottleState
  #untilMs = Number.NEGATIVE_INFINITY
  #state: ThrottleState

  /** `sameMachine`: guesses may take cores from what they are to speed up. */
  constructor({ clock, sameMachine }: { clock: Clock; sameMachine: boolean }) {
    this.#clock = clock
    this.#unknown = sameMachine ? cautiousThrottle : initialThrottle
    this.#state = this.#unknown
  }

  /** How the next answer should begin. */
  recall(): ThrottleState {
    return this.#clock.now() < this.#untilMs ? this.#state : this.#unknown
  }

  /** What an answer that looked ahead ended with. */
  note(state: ThrottleState): void {
    this.#state = state
    this.#untilMs = this.#clock.now() + REMEMBERED_MS
  }
}
