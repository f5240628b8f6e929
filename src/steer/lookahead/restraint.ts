/** The first intervals after a change still hold what was under way before it. */
const SETTLING_TOKENS = 2
/** Tokens that are measured before guesses can come under suspicion. */
const FIRST_TOKENS = 12
const TRIAL_TOKENS = 6
/** Tokens until the next trial; twice as many after one that changed nothing. */
const PERIOD_TOKENS = 64
/** Guesses that pay make tokens come faster than the upstream's quickest answer, by this factor. */
const SUSPICION = 0.9
/** A trial must be better by this factor. */
const BETTER = 0.9

/**
 * Whether an answer is better off without guesses: where upstream and local model share their cores, each guess slows
 * down what the answer waits for. When tokens come no faster than single answers would, a few are decoded without guesses,
 * and whatever was quicker is kept. A function of times alone.
 */
export class Restraint {
  #restrained: boolean
  /** Milliseconds a token of the other way, while this one is on trial. */
  #rivalMs: number | null = null
  #tokens = 0
  #fromMs = 0
  #period = FIRST_TOKENS

  /** `restrained`: begin without guesses, since they did not pay in an answer shortly before. */
  constructor(restrained: boolean) {
    this.#restrained = restrained
    if (restrained) this.#period = PERIOD_TOKENS
  }

  get restrained(): boolean {
    return this.#restrained
  }

  /** `quickestAnswerMs`: of all first answers so far. */
  emitted(atMs: number, quickestAnswerMs: number): void {
    this.#tokens++
    const measured = this.#tokens - SETTLING_TOKENS
    if (measured <= 0) {
      this.#fromMs = atMs
      return
    }
    const ms = (atMs - this.#fromMs) / measured
    if (this.#rivalMs !== null) {
      if (measured >= TRIAL_TOKENS) this.#decide(ms, this.#rivalMs)
      return
    }
    if (measured < this.#period) return
    if (this.#restrained || ms > SUSPICION * quickestAnswerMs) this.#change(ms)
    else this.#measureAnew()
  }

  #decide(ms: number, rivalMs: number): void {
    if (ms < BETTER * rivalMs) {
      this.#period = PERIOD_TOKENS
      this.#rivalMs = null
      this.#measureAnew()
      return
    }
    this.#period = Math.max(PERIOD_TOKENS, 2 * this.#period)
    this.#change(null)
  }

  #change(rivalMs: number | null): void {
    this.#restrained = !this.#restrained
    this.#rivalMs = rivalMs
    this.#measureAnew()
  }

  #measureAnew(): void {
    this.#tokens = 0
  }
}
