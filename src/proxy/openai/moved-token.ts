import type { WireTokenTrace } from './trace-schema.ts'

/** A shift that is less is none, in nats. */
export const leastShift = 0.01

/** Whether the answer holds another token here than the upstream's first choice, because of the profile. */
export function isMoved({ token, upstream, shift }: WireTokenTrace): boolean {
  return token.id !== upstream[0]?.id && shift > leastShift
}
