import type { Config } from '../../config/schema.ts'
import type { LocalPasses } from '../../steer/local-pair.ts'
import { defaultLookahead, type LookaheadSettings } from '../../steer/lookahead/lookahead-settings.ts'
import type { ThrottleState } from '../../steer/lookahead/planning/speculation-throttle.ts'

export interface LookaheadCircumstances {
  /** By the request itself. */
  readonly requested: 'auto' | 'off' | number | undefined
  readonly embedded: boolean
  /** Steered answers that run now, this one included. */
  readonly answers: number
  /** How many queries the budget of the answer allows side by side; 0 ends steering. */
  readonly atOnce?: (() => number) | undefined
  /** What answers shortly before found out about guesses. */
  readonly throttle: ThrottleState
  /** Of the local pair, where it has any. */
  readonly localPasses?: LocalPasses | undefined
}

/**
 * So many answers keep the local model busy while each waits for its upstream: there is no waiting left to
 * use.
 */
const CROWD = 8

/**
 * How far an answer may look ahead; null means token by token, which a request may always ask for. Unless
 * asked for, `auto` does not guess where guesses would take the cores from others: ahead of an embedded
 * upstream, and in a crowd.
 */
export function lookaheadPolicy(
  { lookahead, drafts }: Config['steering'],
  { requested, embedded, answers, atOnce, throttle, localPasses }: LookaheadCircumstances,
): LookaheadSettings | null {
  if (lookahead === 'off' || requested === 'off') return null
  const isCostly = embedded || answers > CROWD
  if (isCostly && lookahead === 'auto' && requested === undefined) return null
  const inFlight = typeof requested === 'number' ? requested : lookahead
  return {
    ...defaultLookahead,
    drafts,
    throttle,
    ...(localPasses === undefined ? {} : { localPasses }),
    ...(atOnce === undefined ? {} : { atOnce }),
    ...(inFlight === 'auto' ? {} : { maxInFlight: inFlight }),
  }
}
