import type { Guess } from '../../local-pair.ts'
import type { TokenId } from '../../token-id.ts'

/** Tokens of context that a follower is counted under, at most. */
const LONGEST_CONTEXT = 3
/**
 * Pseudo-counts that a context of 1, 2 and 3 tokens must outweigh before it is believed over a shorter one.
 */
const doubt = [3, 1, 0.5] as const

interface Followers {
  total: number
  readonly counts: Map<TokenId, number>
}

/**
 * Counts which tokens followed the last one, two and three tokens, in this conversation and answer. It
 * guesses a token before anything was computed at its position, so that the next position can be asked for as
 * well.
 */
export class NgramModel {
  readonly #followers = new Map<string, Followers>()

  /**
   * `token` followed the end of `context`; `weight` 1 for a fact, less for what a model merely thought
   * likely.
   */
  count(context: readonly TokenId[], token: TokenId, weight: number): void {
    for (const key of contextKeys(context)) {
      let followers = this.#followers.get(key)
      if (followers === undefined) {
        followers = { total: 0, counts: new Map() }
        this.#followers.set(key, followers)
      }
      followers.total += weight
      followers.counts.set(token, (followers.counts.get(token) ?? 0) + weight)
    }
  }

  /**
   * The likeliest followers of `context`, best first, at most `limit`; longer contexts count before shorter
   * ones.
   */
  guess(context: readonly TokenId[], limit: number): Guess[] {
    const mixed = new Map<TokenId, number>()
    for (const [index, key] of contextKeys(context).entries()) {
      const followers = this.#followers.get(key)
      if (followers === undefined) continue
      const belief = followers.total / (followers.total + (doubt[index] ?? 0))
      for (const [token, probability] of mixed) mixed.set(token, probability * (1 - belief))
      for (const [token, count] of followers.counts) {
        mixed.set(token, (mixed.get(token) ?? 0) + (belief * count) / followers.total)
      }
    }
    return Array.from(mixed, ([token, probability]) => ({ token, probability }))
      .sort((a, b) => b.probability - a.probability || a.token - b.token)
      .slice(0, limit)
  }
}

/** One key for each context length, shortest first. */
function contextKeys(context: readonly TokenId[]): string[] {
  const keys: string[] = []
  let key = ''
  for (let length = 1; length <= Math.min(LONGEST_CONTEXT, context.length); length++) {
    key = `${context[context.length - length]},${key}`
    keys.push(key)
  }
  return keys
}
