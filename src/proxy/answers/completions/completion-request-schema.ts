import { z } from '@hono/zod-openapi'
import { modelField, samplingFields, streamFields, userField } from '../wire/sampling-schema.ts'
import { costeerSchema } from '../wire/steering-schema.ts'

const MAX_PROMPTS = 32
const tokenIds = z.array(z.int().min(0)).min(1)

/**
 * The body of POST /v1/completions: the fields that shape a steered answer, with OpenAI's ranges.
 * Null means the default throughout. Fields outside this list are judged by `unsteerable-completion.ts`.
 */
export const completionRequestSchema = z
  .looseObject({
    model: modelField,
    prompt: z
      .union(
        [
          z.string().min(1),
          z.array(z.string().min(1)).min(1).max(MAX_PROMPTS),
          tokenIds,
          z.array(tokenIds).min(1).max(MAX_PROMPTS),
        ],
        {
          error: `expected a non-empty string, token ids, or an array of at most ${MAX_PROMPTS} of either`,
        },
      )
      .describe('Text without a chat template, or token ids of the upstream.'),
    ...samplingFields,
    max_tokens: z.int().min(0).nullish().describe('Default 16.'),
    logprobs: z.int().min(0).max(20).nullish().describe('Alternatives reported for each token.'),
    ...streamFields,
    user: userField,
    costeer: costeerSchema.nullish(),
  })
  .openapi('CompletionRequest')

export type WireCompletionRequest = z.infer<typeof completionRequestSchema>
