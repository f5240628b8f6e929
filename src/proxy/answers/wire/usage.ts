import { z } from '@hono/zod-openapi'
import type { EndedAnswer } from '../answer-endpoint.ts'

export const usageSchema = z.object({
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  total_tokens: z.int(),
  completion_tokens_details: z
    .object({ reasoning_tokens: z.int() })
    .optional()
    .describe('For a model that may think.'),
  cost: z
    .number()
    .optional()
    .describe('Of the whole answer, where the upstream has a price, in the currency of that.'),
})

export const finishReasonSchema = z.enum(['stop', 'length', 'tool_calls'])

type Usage = z.infer<typeof usageSchema>

/** Token counts of a request; those of the answer are of all its choices. */
export function usage(
  promptTokens: number,
  {
    completionTokens,
    reasoningTokens,
    cost,
  }: Pick<EndedAnswer, 'completionTokens' | 'reasoningTokens' | 'cost'>,
): Usage {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    ...(cost === null ? {} : { cost }),
    ...(reasoningTokens === null ? {} : { completion_tokens_details: { reasoning_tokens: reasoningTokens } }),
  }
}
