import type { WireTokenTrace } from './trace-schema.ts'

/** Whether the answer would hold another token here without the profile, drawn in the same way. */
export const isMoved = ({ token, unsteered }: WireTokenTrace): boolean => token.id !== unsteered.id
