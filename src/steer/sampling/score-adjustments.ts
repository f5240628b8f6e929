import type { TokenId } from '../token-id.ts'

/** What a client changes of the scores before a token is picked. All values are nats at temperature 1. */
export interface ScoreAdjustments {
  /** Added to a token's score, [-100, 100]: -100 bans it, 100 forces it. */
  readonly bias: ReadonlyMap<TokenId, number>
  /** Taken once from every token that the answer already holds, [-2, 2]. */
  readonly presencePenalty: number
  /** Taken from a token for each time that the answer already holds it, [-2, 2]. */
  readonly frequencyPenalty: number
}

const BAN = -100

/** Whether a client wants a token never to come. */
export function isBanned(token: TokenId, bias: ScoreAdjustments['bias'] | undefined): boolean {
  return (bias?.get(token) ?? 0) <= BAN
}

/**
 * The nats to add to each token's score after `emitted` tokens; tokens that are not listed keep theirs.
 * A function of its arguments alone, so that guessing ahead and going token by token adjust alike.
 */
export function scoreOffsets(
  { bias, presencePenalty, frequencyPenalty }: ScoreAdjustments,
  emitted: readonly TokenId[],
): ReadonlyMap<TokenId, number> {
  if (emitted.length === 0 || (presencePenalty === 0 && frequencyPenalty === 0)) return bias
  const offsets = new Map<TokenId, number>()
  for (const token of emitted) {
    const before = offsets.get(token) ?? -presencePenalty
    offsets.set(token, before - frequencyPenalty)
  }
  for (const [token, value] of bias) offsets.set(token, (offsets.get(token) ?? 0) + value)
  return offsets
}

/**
 * Whether a token could be picked that is not among the upstream's likeliest: then all of
 * them have to be asked for.
 */
export function raisesTokens({ bias, presencePenalty, frequencyPenalty }: ScoreAdjustments): boolean {
  if (presencePenalty < 0 || frequencyPenalty < 0) return true
  for (const value of bias.values()) if (value > 0) return true
  return false
}

/** The largest offset above 0 of a token that is not among `ids`; 0 when there is none. */
export function largestLiftOutside(offsets: ReadonlyMap<TokenId, number>, ids: Int32Array): number {
  let largest = 0
  for (const [token, value] of offsets) if (value > largest && !ids.includes(token)) largest = value
  return largest
}
