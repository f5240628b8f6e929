import { isMoved } from '../../src/proxy/answers/trace/moved-token.ts'
import type { WireTokenTrace } from '../../src/proxy/answers/trace/trace-schema.ts'

/**
 * A shift that gets the full colour, in nats: the profile made the token e^5 times as likely against the
 * other.
 */
const FULL_SHIFT = 5
/** The colour of the smallest change, so that it can be told from none. */
const LEAST_TINT = 0.22

/** How strongly a token is coloured, [0, 1]; 0 where the profile changed nothing. */
export function shiftTint(trace: WireTokenTrace): number {
  if (!isMoved(trace)) return 0
  return LEAST_TINT + (1 - LEAST_TINT) * Math.min(1, Math.max(0, trace.shift) / FULL_SHIFT)
}
