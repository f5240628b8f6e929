import { readFileSync } from 'node:fs'
import { z } from 'zod'

const pairsSchema = z.array(
  z.object({
    answer: z.string(),
    reference: z.string(),
    scores: z.object({ rouge1: z.number(), rouge2: z.number(), rougeL: z.number() }),
  }),
)

/** Pairs of texts with the scores that Python's rouge-score 0.1.2 gives them. */
export const rougePairs = pairsSchema.parse(
  JSON.parse(readFileSync(new URL('../../fixtures/rouge.json', import.meta.url), 'utf8')),
)
