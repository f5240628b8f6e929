/**
 * A shift that gets the full colour, in nats: the profile made the word e^5 times as likely against the
 * other.
 */
const FULL_SHIFT = 5
/** The colour of the smallest change, so that it can be told from none. */
const LEAST_TINT = 0.22

/** How strongly what the profile moved by `shift` is coloured, [0, 1]; 0 where it changed nothing. */
export function shiftTint(shift: number | null): number {
  if (shift === null) return 0
  return LEAST_TINT + (1 - LEAST_TINT) * Math.min(1, Math.max(0, shift) / FULL_SHIFT)
}
