import { z } from '@hono/zod-openapi'
import { identityFields } from '../wire/answer-identity.ts'
import { finishReasonSchema, usageSchema } from '../wire/usage.ts'

const legacyLogprobsSchema = z.object({
  tokens: z.array(z.string()).describe('Texts; tokens that are parts of characters read `bytes:\\xe2\\x80`.'),
  token_logprobs: z.array(z.number()).describe('Nats, under the steered distribution at temperature 1.'),
  top_logprobs: z
    .array(z.record(z.string(), z.number()))
    .describe('The likeliest tokens and the one that was picked, by text.'),
  text_offset: z.array(z.int()).describe('Where each token begins, in Unicode characters of the answer.'),
})

const choiceSchema = z.object({
  index: z.int().describe('Choices of the first prompt come first.'),
  text: z.string(),
  logprobs: legacyLogprobsSchema.nullable(),
  finish_reason: finishReasonSchema,
})

export const completionSchema = z
  .object({
    ...identityFields,
    object: z.literal('text_completion'),
    choices: z.array(choiceSchema),
    usage: usageSchema,
  })
  .openapi('Completion')

export const completionChunkSchema = z
  .object({
    ...identityFields,
    object: z.literal('text_completion'),
    choices: z.array(choiceSchema.extend({ finish_reason: finishReasonSchema.nullable() })),
    usage: usageSchema.nullable().optional().describe('With `stream_options.include_usage` only.'),
  })
  .openapi('CompletionChunk')

export type Completion = z.infer<typeof completionSchema>
export type CompletionChunk = z.infer<typeof completionChunkSchema>
export type LegacyLogprobs = z.infer<typeof legacyLogprobsSchema>
