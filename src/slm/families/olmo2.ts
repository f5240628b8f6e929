import { z } from 'zod'
import type { Family } from './family.ts'
import { localLayers } from './local-layers.ts'

const keysSchema = z.object({
  'attention.sliding_window': z.coerce.number().int().min(0).default(0),
  'attention.sliding_window_pattern': z.unknown().optional(),
})

/** Norms after attention and feed-forward part only; of its third version, three layers in four are local. */
export const olmo2: Family = {
  rotaryLayout: 'halves',
  norms: 'after',
  queryKeyNorm: 'whole',
  traits({ layers, rotation, keys }) {
    const parsed = keysSchema.parse(keys)
    const tokens = parsed['attention.sliding_window']
    if (tokens === 0) return {}
    const isLocal = localLayers(parsed['attention.sliding_window_pattern'], { layers, every: 4 })
    const local = { ...rotation, stretch: 1, yarn: null, magnitude: 1 }
    return {
      locality: { tokens, layers: isLocal },
      rotations: isLocal.map((one) => (one ? local : rotation)),
    }
  },
}
