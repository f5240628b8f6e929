import { leastShift } from '../../src/proxy/openai/moved-token.ts'

/** A shift that gets the full colour, in nats: the profile made the token e^5 times as likely against the other. */
const fullShift = 5
/** The colour of the smallest shift that is shown, so that it can be told from none. */
const leastTint = 0.22

/** How strongly a token is coloured, [0, 1]; 0 where the profile moved nothing towards it. */
export function shiftTint(shift: number): number {
  if (!(shift > leastShift)) return 0
  return leastTint + (1 - leastTint) * Math.min(1, shift / fullShift)
}
