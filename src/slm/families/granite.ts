import { z } from 'zod'
import type { Family } from './family.ts'

const keysSchema = z.object({
  embedding_scale: z.number().min(0).default(0),
  residual_scale: z.number().min(0).default(0),
  logit_scale: z.number().positive(),
  'rope.scaling.finetuned': z.boolean().default(true),
})

/** Scales of its own, where 0 stands for none; some of its models know no positions. */
export const granite: Family = {
  rotaryLayout: 'interleaved',
  traits({ layers, rotation, keys }) {
    const parsed = keysSchema.parse(keys)
    const rotates = parsed['rope.scaling.finetuned']
    return {
      embeddingScale: parsed.embedding_scale || 1,
      residualScale: parsed.residual_scale || 1,
      logitScale: 1 / parsed.logit_scale,
      rotations: new Array<typeof rotation | null>(layers).fill(rotates ? rotation : null),
    }
  },
}
