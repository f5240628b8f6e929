import { z } from '@hono/zod-openapi'

export const usageSchema = z.object({
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  total_tokens: z.int(),
})

export const finishReasonSchema = z.enum(['stop', 'length'])

type Usage = z.infer<typeof usageSchema>

/** Token counts of a request; `completionTokens` counts all of its choices. */
export function usage(promptTokens: number, completionTokens: number): Usage {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  }
}
