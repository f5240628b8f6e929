import { z } from '@hono/zod-openapi'
import { finishReasonSchema, identityFields, usageSchema } from '../wire/usage-schema.ts'

const tokenLogprobSchema = z.object({
  token: z.string().describe('The bytes as UTF-8; parts of characters become U+FFFD.'),
  logprob: z.number().describe('Nats, under the steered distribution at temperature 1.'),
  bytes: z.array(z.int()).describe("The token's own bytes."),
})

const reportedTokenSchema = tokenLogprobSchema.extend({ top_logprobs: z.array(tokenLogprobSchema) })

const choiceLogprobsSchema = z.object({
  content: z.array(reportedTokenSchema),
  refusal: z.null(),
})

export const chatCompletionSchema = z
  .object({
    ...identityFields,
    object: z.literal('chat.completion'),
    choices: z.array(
      z.object({
        index: z.int(),
        message: z.object({ role: z.literal('assistant'), content: z.string(), refusal: z.null() }),
        logprobs: choiceLogprobsSchema.nullable(),
        finish_reason: finishReasonSchema,
      }),
    ),
    usage: usageSchema,
  })
  .openapi('ChatCompletion')

export const chatCompletionChunkSchema = z
  .object({
    ...identityFields,
    object: z.literal('chat.completion.chunk'),
    choices: z.array(
      z.object({
        index: z.int(),
        delta: z.object({ role: z.literal('assistant').optional(), content: z.string().optional() }),
        logprobs: choiceLogprobsSchema.nullable(),
        finish_reason: finishReasonSchema.nullable(),
      }),
    ),
    usage: usageSchema.nullable().optional().describe('With `stream_options.include_usage` only.'),
  })
  .openapi('ChatCompletionChunk')

export type ChatCompletion = z.infer<typeof chatCompletionSchema>
export type ChatCompletionChunk = z.infer<typeof chatCompletionChunkSchema>
export type ChunkChoice = ChatCompletionChunk['choices'][number]
export type ChoiceLogprobs = z.infer<typeof choiceLogprobsSchema>
export type ReportedToken = z.infer<typeof reportedTokenSchema>
export type WireTokenLogprob = z.infer<typeof tokenLogprobSchema>
