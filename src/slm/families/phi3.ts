import { z } from 'zod'
import type { Family } from './family.ts'

const keysSchema = z.object({
  'rope.scaling.original_context_length': z.coerce.number().int().positive().optional(),
})

/** Frequencies have divisors of their own, one list for the window of the first training and one for more. */
export const phi3: Family = {
  rotaryLayout: 'halves',
  traits({ layers, rotation, contextTokens, keys }) {
    const original = keysSchema.parse(keys)['rope.scaling.original_context_length'] ?? contextTokens
    const divisors = `rope_factors_${contextTokens > original ? 'long' : 'short'}.weight`
    return { rotations: new Array<typeof rotation>(layers).fill({ ...rotation, divisors }) }
  },
}
