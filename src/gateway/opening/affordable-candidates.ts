import { GatewayError } from '../../gateway-error.ts'
import type { PublicTokens } from '../../steer/guard/public-tokens.ts'
import type { Upstream } from '../../steer/upstream.ts'
import { samplePrompt } from './sample-prompt.ts'

export interface AffordableOptions {
  /** K that is asked for whatever it costs, as far as the upstream returns so many. */
  readonly least: number
  readonly clock: { now(): number }
  readonly signal: AbortSignal
}

/** What a large K may cost more than a small one. */
const MOST_ADDED = 0.1
/** More than this gained nothing that could be measured. */
const largerCounts = [200, 500, 1000]
const SMALL = 20
const ROUNDS = 4

/**
 * The largest K, from `least` to 1,000, with which the upstream's next token comes in at most 1.1 times the
 * time that it takes with 20. Each K is asked for four times behind one prefix, and its quickest reply
 * counts. A K at which the upstream fails is left out. Rejects as `Upstream.encodeChat`.
 */
export async function affordableCandidates(
  upstream: Upstream,
  { least, clock, signal }: AffordableOptions,
): Promise<number> {
  const { maxCandidates } = upstream.limits
  const larger = largerCounts.filter((count) => count > least && count <= maxCandidates)
  if (larger.length === 0) return Math.min(least, maxCandidates)
  const prefix = await samplePrompt(upstream, signal)
  const quickest = new Map([SMALL, ...larger].map((count) => [count, Number.POSITIVE_INFINITY]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const [candidates, soFar] of quickest) {
      const took = await timed(upstream, { prefix, candidates, clock, signal })
      if (took === null) quickest.delete(candidates)
      else quickest.set(candidates, Math.min(took, soFar))
    }
  }
  const most = (quickest.get(SMALL) ?? 0) * (1 + MOST_ADDED)
  return larger.findLast((count) => (quickest.get(count) ?? Number.POSITIVE_INFINITY) <= most) ?? least
}

interface TimedQuery extends Pick<AffordableOptions, 'clock' | 'signal'> {
  readonly prefix: PublicTokens
  readonly candidates: number
}

/** In milliseconds; null where the upstream cannot: some return fewer candidates than they are asked for. */
async function timed(
  upstream: Upstream,
  { prefix, candidates, clock, signal }: TimedQuery,
): Promise<number | null> {
  const began = clock.now()
  try {
    await upstream.distributions({ prefixes: [prefix], candidates, signal })
    return clock.now() - began
  } catch (error) {
    if (error instanceof GatewayError) return null
    throw error
  }
}
