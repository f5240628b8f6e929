import type { WireTokenTrace } from './trace-schema.ts'

/** Whether the answer would hold another token here without the profile, drawn in the same way. */
export function isMoved({ token, unsteered }: WireTokenTrace): boolean {
  return token.id !== unsteered.id
}
