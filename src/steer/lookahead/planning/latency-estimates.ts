import { ExponentialAverage } from '../drafts/exponential-average.ts'
import { LinearTrend } from './linear-trend.ts'

/** Assumed until something has been measured. */
const FIRST_ANSWER_MS = 150
const RATE = 0.2
/** Trends need more samples than means. */
const TREND_RATE = 0.05
/** Passes vary by themselves, and few queries in flight tell little of what each costs. */
const DELAY_PRIOR_VARIANCE = 2

/** What queries and local forward passes take, in milliseconds: exponentially weighted over this answer. */
export class LatencyEstimates {
  readonly #firstAnswer = new ExponentialAverage(RATE)
  #quickestAnswerMs = Number.POSITIVE_INFINITY
  readonly #nextAnswer = new ExponentialAverage(RATE)
  readonly #crowding = new LinearTrend({ rate: TREND_RATE, priorVariance: 0.5, priorSlope: () => 0 })
  /** Until chunks of different length were fed, a token is taken to cost its share. */
  readonly #feeding = new LinearTrend({
    rate: TREND_RATE,
    priorVariance: 0.05,
    priorSlope: (meanMs, meanTokens) => meanMs / meanTokens,
  })
  readonly #delaying = new LinearTrend({
    rate: TREND_RATE,
    priorVariance: DELAY_PRIOR_VARIANCE,
    priorSlope: () => 0,
  })
  readonly #waitsForRows = new ExponentialAverage(RATE)
  #chunksFed = 0

  /** `besides`: queries that were in flight when this one was sent. */
  firstAnswer(ms: number, besides: number): void {
    this.#firstAnswer.add(ms)
    this.#quickestAnswerMs = Math.min(this.#quickestAnswerMs, ms)
    this.#crowding.add(besides, ms)
  }

  nextAnswer(ms: number): void {
    this.#nextAnswer.add(ms)
  }

  /** `besides`: queries in flight when the pass began. */
  fed(tokens: number, ms: number, besides: number): void {
    if (tokens > 1) this.#chunksFed++
    // Passes over more tokens would tell of these first
    else this.#delaying.add(besides, ms)
    this.#feeding.add(tokens, ms)
  }

  /** The answer waited for a local row last, or for the upstream. */
  waited({ forRow }: { readonly forRow: boolean }): void {
    this.#waitsForRows.add(forRow ? 1 : 0)
  }

  /** From sending a query to its first answer. */
  get firstAnswerMs(): number {
    return this.#firstAnswer.or(FIRST_ANSWER_MS)
  }

  /** The shortest time so far from sending a query to its first answer; infinite before any. */
  get quickestAnswerMs(): number {
    return this.#quickestAnswerMs
  }

  /** Between the answers of one stream. */
  get nextAnswerMs(): number {
    return this.#nextAnswer.or(this.firstAnswerMs / 2)
  }

  /** By how much one more query in flight delays each of the others. */
  get crowdingMs(): number {
    return this.#crowding.slope
  }

  /**
   * By how much one more query delays the answer until it is answered, since what it takes of the processor
   * is lacking in local passes: what it adds to each, as often as the answer waits for these. Counted at a
   * pass's start: a pass that is slow for other reasons sees more queries come and go.
   */
  get delayMs(): number {
    const passMs = this.feedMs(1)
    const passes = passMs > 0 ? Math.max(1, this.firstAnswerMs / passMs) : 1
    return this.#waitsForRows.or(0) * this.#delaying.slope * passes
  }

  /** A forward pass over `tokens` tokens. */
  feedMs(tokens: number): number {
    return this.#feeding.known ? this.#feeding.at(tokens) : (tokens * this.firstAnswerMs) / 4
  }

  /** How often several tokens were fed at once. */
  get chunksFed(): number {
    return this.#chunksFed
  }
}
