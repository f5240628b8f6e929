import { heldBack, unguarded } from '../../guard/public.ts'
import type { DecodeOptions } from '../decoding/decode.ts'
import type { DecodeGuard } from '../guard/decode-guard.ts'
import { PrefixCheck } from '../guard/prefix-check.ts'
import type { LocalPasses } from '../local-pair.ts'
import type { PlannerSettings } from './planning/planner-settings.ts'
import { initialThrottle, type ThrottleState } from './planning/speculation-throttle.ts'

export interface LookaheadSettings {
  /**
   * Whose guesses are sent ahead: `public` ones are computed without the profile;
   * `private` ones reveal a little of it.
   */
  readonly drafts: 'public' | 'private'
  /** Queries in flight at most, at least 1; the upstream's own limit counts as well. */
  readonly maxInFlight: number
  /** Tokens that one query may return at most, at least 1. */
  readonly maxTokensPerQuery: number
  /** A guess is asked when it is expected to save this share of a query's duration, [0, 1]. */
  readonly leastGain: number
  /**
   * Asked before each plan how many may be in flight from now on: Infinity for as many as ever, 0 to go on
   * unsteered.
   */
  readonly atOnce?: () => number
  /** What earlier answers found out about guesses at this upstream. */
  readonly throttle: ThrottleState
  /** What feeding the local pair costs; left out where many tokens cost little more than one. */
  readonly localPasses?: LocalPasses
}

export const defaultLookahead: LookaheadSettings = {
  drafts: 'public',
  maxInFlight: 24,
  maxTokensPerQuery: 16,
  leastGain: 0.003,
  throttle: initialThrottle,
}

/** Where in an answer planning begins. */
export type PlanningStart = Pick<PlannerSettings, 'publicTokens' | 'position'>

/** What the planner of an answer, or of its rest behind `start`, may know from the start. */
export function plannerSettings(
  { prompt, sampling, endTokens, maxTokens, upstream, guard }: DecodeOptions,
  { maxInFlight, maxTokensPerQuery, leastGain, throttle, localPasses }: LookaheadSettings,
  start: PlanningStart = { publicTokens: [], position: 0 },
): PlannerSettings {
  const { limits } = upstream
  const isLinear = limits.readsAgain === true
  return {
    prompt,
    ...start,
    sampling,
    endTokens,
    maxTokens,
    contextTokens: limits.contextTokens,
    maxInFlight: isLinear ? 1 : Math.max(1, Math.min(maxInFlight, limits.maxInFlight)),
    isLinear,
    maxTokensPerQuery,
    leastGain,
    throttle,
    ...(localPasses === undefined ? {} : { localPasses }),
    publicly: guard == null ? (prefix) => unguarded(prefix) : guardedPrefix(guard),
  }
}

/** Asks for no prefix that holds a private form, which a guess may complete by itself. */
function guardedPrefix(guard: DecodeGuard): PlannerSettings['publicly'] {
  const check = guard.begun?.copy() ?? new PrefixCheck(guard)
  return (prefix, isNeeded) => {
    const checked = check.publicly(prefix)
    if (checked === null && isNeeded) throw heldBack()
    return checked
  }
}
