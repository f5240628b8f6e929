import { z } from '@hono/zod-openapi'

export const usageSchema = z.object({
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  total_tokens: z.int(),
})

export const finishReasonSchema = z.enum(['stop', 'length'])

/** What every part of an answer repeats. */
export const identityFields = {
  id: z.string(),
  created: z.int().describe('Unix seconds.'),
  model: z.string().describe('The name that the client sent.'),
  system_fingerprint: z.string(),
}

export type Usage = z.infer<typeof usageSchema>
