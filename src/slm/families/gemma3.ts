import { z } from 'zod'
import type { Family } from './family.ts'
import { localLayers } from './local-layers.ts'

const keysSchema = z.object({
  'attention.sliding_window': z.coerce.number().int().min(0).default(0),
  'attention.sliding_window_pattern': z.unknown().optional(),
  'rope.freq_base_swa': z.number().positive().default(10_000),
  'attention.scale': z.number().min(0).default(0),
  final_logit_softcapping: z.number().min(0).default(0),
})

/** Unless it is said: the 27B model has its attention scaled by the width of all heads instead of one. */
const LAYERS_OF_27B = 62

/** Five local layers between global ones, each kind with rotations of its own. */
export const gemma3: Family = {
  rotaryLayout: 'halves',
  norms: 'both',
  queryKeyNorm: 'head',
  activation: 'gelu',
  traits({ layers, hidden, rotation, keys, headDim }) {
    const parsed = keysSchema.parse(keys)
    const cap = parsed.final_logit_softcapping
    const tokens = parsed['attention.sliding_window']
    const local = { ...rotation, theta: parsed['rope.freq_base_swa'], stretch: 1, yarn: null }
    const isLocal = localLayers(parsed['attention.sliding_window_pattern'], { layers, every: 6 })
    const heads = z.coerce.number().parse(keys['attention.head_count'])
    const said = parsed['attention.scale']
    return {
      embeddingScale: Math.sqrt(hidden),
      attentionScale: said || 1 / Math.sqrt(layers === LAYERS_OF_27B ? hidden / heads : headDim),
      logitCap: cap === 0 ? null : cap,
      ...(tokens > 0 && {
        locality: { tokens, layers: isLocal },
        rotations: isLocal.map((one) => (one ? local : rotation)),
      }),
    }
  },
}
