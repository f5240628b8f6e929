/** The first intervals after a change still hold what was under way before it. */
const SETTLING_TOKENS = 2
/** Tokens that are measured before guesses can come under suspicion. */
const FIRST_TOKENS = 12
const CAUTIOUS_TOKENS = 16
/** So few tell enough where they came far too slowly. */
const ALARM_TOKENS = 4
/**
 * Far too slow: guesses that made tokens take this many times as long as they should, or as the other way.
 */
const FAR_TOO_SLOW = 1.4
const TRIAL_TOKENS = 6
/** A trial of guesses ends when one token takes this many times as long as without. */
const STALLED = 5
/** Tokens until the next trial; twice as many after one that changed nothing. */
const PERIOD_TOKENS = 64
/**
 * The period grows by this factor where one way was far too slow: trying it again costs much and is of little
 * hope.
 */
const CLEAR_CASE = 4
/** Guesses that pay make tokens come faster than the upstream's quickest answer, by this factor. */
const SUSPICION = 0.9
/** A trial without guesses must be better by this factor. */
const BETTER = 0.9
/** One of guesses may be worse by this factor: where they do harm, they do much. */
const NO_WORSE = 1.1

/** What one answer leaves to the next one at the same upstream. */
export interface ThrottleState {
  /** Guesses are left out. */
  readonly throttled: boolean
  /** Tokens between two trials of the other way. */
  readonly period: number
  /** Tokens until the next one. */
  readonly tokensLeft: number
}

/** Nothing is known: guesses are made, and come under suspicion early. */
export const initialThrottle: ThrottleState = {
  throttled: false,
  period: FIRST_TOKENS,
  tokensLeft: FIRST_TOKENS,
}

/**
 * Upstream and local model may share their cores: a few tokens are decoded without guesses before any are
 * made.
 */
export const cautiousThrottle: ThrottleState = {
  throttled: true,
  period: PERIOD_TOKENS,
  tokensLeft: CAUTIOUS_TOKENS,
}

/**
 * Whether an answer is better off without guesses: where upstream and local model share their cores, each
 * guess slows down what the answer waits for. When tokens come no faster than single answers would, a few are
 * decoded without guesses, and whatever was quicker is kept. A function of times alone.
 */
export class SpeculationThrottle {
  #throttled: boolean
  /** Milliseconds a token of the other way, while this one is on trial. */
  #rivalMs: number | null = null
  #tokens = 0
  #fromMs = 0
  #lastMs = 0
  #period: number
  #tokensLeft: number

  constructor({ throttled, period, tokensLeft }: ThrottleState) {
    this.#throttled = throttled
    this.#period = period
    this.#tokensLeft = tokensLeft
  }

  get throttled(): boolean {
    return this.#throttled
  }

  /** A trial that has not come to its end counts as none. */
  get state(): ThrottleState {
    const period = this.#period
    if (this.#rivalMs !== null) return { throttled: !this.#throttled, period, tokensLeft: period }
    const tokensLeft = Math.max(0, this.#tokensLeft - this.#tokens)
    return { throttled: this.#throttled, period, tokensLeft }
  }

  /**
   * `judgedMs`: what its wait took that has nothing to do with guesses. `quickestAnswerMs`: of all first
   * answers so far.
   */
  emitted({ atMs, judgedMs = 0 }: { atMs: number; judgedMs?: number }, quickestAnswerMs: number): void {
    this.#lastMs = atMs
    this.#fromMs += judgedMs
    this.#tokens++
    const measured = this.#tokens - SETTLING_TOKENS
    if (measured <= 0) {
      this.#fromMs = atMs
      return
    }
    const ms = (atMs - this.#fromMs) / measured
    const farTooSlow = (thanMs: number) => measured >= ALARM_TOKENS && ms > FAR_TOO_SLOW * thanMs
    if (this.#rivalMs !== null) {
      if (measured >= TRIAL_TOKENS || farTooSlow(this.#rivalMs)) this.#decide(ms, this.#rivalMs)
      return
    }
    const alarmed = this.#period === FIRST_TOKENS && farTooSlow(quickestAnswerMs)
    if (measured < this.#tokensLeft && !alarmed) return
    if (this.#throttled || ms > SUSPICION * quickestAnswerMs) this.#change(ms)
    else this.#measureAnew()
  }

  /** The next token has not come by `nowMs`. */
  waited(nowMs: number): void {
    if (this.#rivalMs === null || this.#throttled) return
    const ms = nowMs - this.#lastMs
    if (ms > STALLED * this.#rivalMs) this.#decide(ms, this.#rivalMs)
  }

  #decide(ms: number, rivalMs: number): void {
    this.#rivalMs = null
    if (ms < (this.#throttled ? BETTER : NO_WORSE) * rivalMs) {
      this.#period = PERIOD_TOKENS * (FAR_TOO_SLOW * ms < rivalMs ? CLEAR_CASE : 1)
    } else {
      const growth = ms > FAR_TOO_SLOW * rivalMs ? CLEAR_CASE : 2
      this.#period = Math.max(PERIOD_TOKENS, growth * this.#period)
      this.#throttled = !this.#throttled
    }
    this.#measureAnew()
  }

  #change(rivalMs: number): void {
    this.#throttled = !this.#throttled
    this.#rivalMs = rivalMs
    this.#measureAnew()
  }

  #measureAnew(): void {
    this.#tokens = 0
    this.#tokensLeft = this.#period
  }
}
