import { z } from 'zod'
import type { Family } from './family.ts'

const keysSchema = z.object({
  'attention.temperature_scale': z.number().min(0).default(0),
  'rope.scaling.original_context_length': z.coerce.number().int().positive().optional(),
})

/**
 * Beyond the window that it was first trained on, attention is sharpened the more, the further the text goes.
 * The window ends there, at 16,384 tokens, so that nothing of that is needed.
 */
export const mistral3: Family = {
  rotaryLayout: 'interleaved',
  traits({ contextTokens, keys }) {
    const parsed = keysSchema.parse(keys)
    const original = parsed['rope.scaling.original_context_length'] ?? contextTokens
    const sharpened = parsed['attention.temperature_scale'] > 0
    return { contextTokens: sharpened ? Math.min(original, contextTokens) : contextTokens }
  },
}
