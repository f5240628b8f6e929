import { z } from '@hono/zod-openapi'
import { MAX_MESSAGES, modelField, samplingFields, streamFields, userField } from '../wire/sampling-schema.ts'
import { costeerSchema } from '../wire/steering-schema.ts'
import { chatMessageSchema } from './chat-message-schema.ts'

const tokenCount = z.int().min(1)

/**
 * The body of POST /v1/chat/completions: the fields that shape a steered answer, with OpenAI's ranges.
 * Null means the default throughout. Fields outside this list are judged by `unsteerable-chat.ts`.
 */
export const chatRequestSchema = z
  .looseObject({
    model: modelField,
    messages: z.array(chatMessageSchema).min(1).max(MAX_MESSAGES),
    ...samplingFields,
    max_completion_tokens: tokenCount.nullish(),
    max_tokens: tokenCount.nullish().describe('With both fields, the smaller one holds.'),
    logprobs: z.boolean().nullish(),
    top_logprobs: z.int().min(0).max(20).nullish().describe('Needs `logprobs: true`.'),
    ...streamFields,
    user: userField,
    costeer: costeerSchema.nullish(),
  })
  .openapi('ChatCompletionRequest')

export type WireChatRequest = z.infer<typeof chatRequestSchema>
