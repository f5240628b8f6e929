import type { TokenId } from '../../steer/token-id.ts'
import type { Upstream } from '../../steer/upstream.ts'
import { publicConversation } from '../prompts/public-conversation.ts'

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
const QUESTION = 'Write a short letter to a friend about how your week was.'

/**
 * The largest K, from `least` to 1,000, with which the upstream's next token comes in at most 1.1 times the
 * time that it takes with 20. Each K is asked for four times behind one prefix, and its quickest reply
 * counts. Rejects as the upstream does.
 */
export async function affordableCandidates(
  upstream: Upstream,
  { least, clock, signal }: AffordableOptions,
): Promise<number> {
  const { maxCandidates } = upstream.limits
  const larger = largerCounts.filter((count) => count > least && count <= maxCandidates)
  if (larger.length === 0) return Math.min(least, maxCandidates)
  const prefix = await upstream.encodeChat(
    { messages: publicConversation([{ role: 'user', content: QUESTION }]) },
    signal,
  )
  const quickest = new Map<number, number>()
  for (let round = 0; round < ROUNDS; round++) {
    for (const candidates of [SMALL, ...larger]) {
      const took = await timed(upstream, { prefix, candidates, clock, signal })
      quickest.set(candidates, Math.min(took, quickest.get(candidates) ?? Number.POSITIVE_INFINITY))
    }
  }
  const most = (quickest.get(SMALL) ?? 0) * (1 + MOST_ADDED)
  return larger.findLast((count) => (quickest.get(count) ?? 0) <= most) ?? least
}

interface TimedQuery extends Pick<AffordableOptions, 'clock' | 'signal'> {
  readonly prefix: readonly TokenId[]
  readonly candidates: number
}

async function timed(upstream: Upstream, { prefix, candidates, clock, signal }: TimedQuery): Promise<number> {
  const began = clock.now()
  await upstream.distributions({ prefixes: [prefix], candidates, signal })
  return clock.now() - began
}
