// This room owns what answers cost at a service that has a price: counting, and what becomes of an answer
// that comes near a limit. It must not know how answers are decoded.
import { GatewayError } from '../../gateway-error.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { Price } from '../../upstream/price.ts'
import type { QueryMeter } from '../../upstream/wrappers/metered-upstream.ts'

/** What an answer has sent and got, and what that costs in the currency of its price. */
export interface Cost {
  readonly amount: number
  /** Tokens that went up, those that the service has read before left out. */
  readonly inTokens: number
  readonly cachedTokens: number
  readonly outTokens: number
}

type Tokens = Omit<Cost, 'amount'>

export interface CostLimits {
  /** Of one answer; null for no limit. */
  readonly perAnswer: number | null
  /** Of a day; null for no limit. */
  readonly daily: number | null
}

const noCost: Cost = { amount: 0, inTokens: 0, cachedTokens: 0, outTokens: 0 }

/** From these shares of a limit on, fewer guesses are asked, and the answer goes on unsteered. */
const NARROW = 0.5
const UNSTEERED = 0.8
/** Queries side by side when narrowing begins. */
const WIDE = 4
/** Tokens that a query sends beyond those of the one before, and that it gets: about so many of each. */
const QUERY_TOKENS = 8
const MILLION = 1_000_000

export interface AnswerCostOptions {
  readonly price: Price
  readonly limits: CostLimits
  /** Spent today by all answers, this one included. */
  readonly spentToday: () => number
  /** Told of every bit that is spent. */
  readonly onSpent: (cost: Cost) => void
}

/**
 * Counts one answer, of whatever number of choices. What a query has in common with the one before counts as
 * read before, which services with a cache of prompts charge less for.
 */
export class AnswerCost implements QueryMeter {
  readonly #options: AnswerCostOptions
  #last: readonly TokenId[] = []
  #total: Cost = noCost
  #taken = 0
  #promptTokens = 0
  #maxTokens = 0
  /** Since the last query was sent. */
  #received = 0

  constructor(options: AnswerCostOptions) {
    this.#options = options
  }

  get total(): Cost {
    return this.#total
  }

  /** What has been spent since it was last taken. */
  take(): number {
    const untaken = this.#total.amount - this.#taken
    this.#taken = this.#total.amount
    return untaken
  }

  /**
   * Whether the rest of the answer is to be the upstream's own: for that everything is read once more, beside
   * what steering the next token takes.
   */
  get endsSteering(): boolean {
    if (this.#share() >= UNSTEERED) return true
    const again = this.#readAgain()
    const next = this.#last.length === 0 ? this.#priced({ inTokens: this.#promptTokens }) : again
    const answer = this.#priced({ outTokens: QUERY_TOKENS + this.#maxTokens })
    return this.#leftOf(1) < next + again + Math.min(answer, this.#leftOf(1) - this.#leftOf(UNSTEERED))
  }

  /** Throws GatewayError `budget_spent` for a prompt of so many tokens that no answer fits behind it. */
  begin({ promptTokens, maxTokens }: { readonly promptTokens: number; readonly maxTokens: number }): void {
    const { limits } = this.#options
    this.#promptTokens = promptTokens
    this.#maxTokens = maxTokens
    this.#refuseSpent()
    const least = this.#priced({ inTokens: promptTokens, outTokens: 1 })
    if (limits.perAnswer === null || least <= limits.perAnswer) return
    throw new GatewayError(
      'budget_spent',
      `The prompt alone costs ${written(least)}, and budget.max_cost_per_answer is ${written(limits.perAnswer)}. Shorten it, or raise that.`,
    )
  }

  asked(prefix: readonly TokenId[]): void {
    this.#refuseSpent()
    const cachedTokens = sharedLength(this.#last, prefix)
    this.#last = prefix
    this.#received = 0
    this.#add({ inTokens: prefix.length - cachedTokens, cachedTokens, outTokens: 0 })
  }

  received(tokens: number): void {
    this.#received += tokens
    this.#add({ inTokens: 0, cachedTokens: 0, outTokens: tokens })
    this.#refuseSpent()
  }

  /** Queries that may run side by side; Infinity for as many as ever, 0 once steering is to end. */
  get atOnce(): number {
    if (this.endsSteering) return 0
    const query = this.#readAgain() + this.#priced({ inTokens: QUERY_TOKENS, outTokens: QUERY_TOKENS })
    const affordable = Math.max(1, Math.floor(this.#leftOf(UNSTEERED) / query))
    const share = this.#share()
    if (share < NARROW) return affordable
    return Math.min(affordable, Math.ceil(((UNSTEERED - share) / (UNSTEERED - NARROW)) * WIDE))
  }

  /** What may be spent until that share of a limit is reached. */
  #leftOf(share: number): number {
    const { limits, spentToday } = this.#options
    const ofAnswer = (limits.perAnswer ?? Number.POSITIVE_INFINITY) * share - this.#total.amount
    return Math.min(ofAnswer, (limits.daily ?? Number.POSITIVE_INFINITY) * share - spentToday())
  }

  /** What it costs to send again what was sent last, and what came since. */
  #readAgain(): number {
    const cachedTokens = Math.max(this.#promptTokens, this.#last.length)
    return this.#priced({ inTokens: this.#received, cachedTokens })
  }

  #priced({ inTokens = 0, cachedTokens = 0, outTokens = 0 }: Partial<Tokens>): number {
    const { price } = this.#options
    return (inTokens * price.in + cachedTokens * (price.cached ?? price.in) + outTokens * price.out) / MILLION
  }

  #add(tokens: Tokens): void {
    const { onSpent } = this.#options
    const { inTokens, cachedTokens, outTokens } = tokens
    const amount = this.#priced(tokens)
    const total = this.#total
    this.#total = {
      amount: total.amount + amount,
      inTokens: total.inTokens + inTokens,
      cachedTokens: total.cachedTokens + cachedTokens,
      outTokens: total.outTokens + outTokens,
    }
    onSpent({ amount, ...tokens })
  }

  /** How much of the limit that is nearer is spent. */
  #share(): number {
    const { limits, spentToday } = this.#options
    const ofAnswer = limits.perAnswer === null ? 0 : this.#total.amount / limits.perAnswer
    return Math.max(ofAnswer, limits.daily === null ? 0 : spentToday() / limits.daily)
  }

  #refuseSpent(): void {
    const { limits, spentToday } = this.#options
    const { amount } = this.#total
    if (limits.daily !== null && spentToday() >= limits.daily) {
      const message = `Today's budget is spent (budget.daily: ${written(limits.daily)}). It begins anew at midnight, UTC.`
      throw new GatewayError('budget_spent', message)
    }
    if (limits.perAnswer === null || amount < limits.perAnswer) return
    throw new GatewayError(
      'budget_spent',
      `The answer was ended, since it has cost ${written(amount)}, and budget.max_cost_per_answer is ${written(limits.perAnswer)}. Ask for a shorter one, or raise that.`,
    )
  }
}

function written(amount: number): string {
  return String(Number(amount.toPrecision(3)))
}

function sharedLength(left: readonly TokenId[], right: readonly TokenId[]): number {
  const most = Math.min(left.length, right.length)
  let shared = 0
  while (shared < most && left[shared] === right[shared]) shared++
  return shared
}
