import { z } from '@hono/zod-openapi'
import { identityFields } from '../wire/answer-identity.ts'
import { reportedTokenSchema } from '../wire/token-logprobs.ts'
import { finishReasonSchema, usageSchema } from '../wire/usage.ts'

const choiceLogprobsSchema = z.object({
  content: z.array(reportedTokenSchema),
  refusal: z.null(),
})

const thought = z.string().optional()

/** One of them, by the kind of the server. */
const thoughtFields = {
  reasoning_content: thought.describe('What the model thought before it answered.'),
  reasoning: thought.describe('The same where the model is served by vLLM, which calls it so.'),
}

const toolCallSchema = z.object({
  id: z.string(),
  type: z.literal('function'),
  function: z.object({ name: z.string(), arguments: z.string() }),
})

/** The first delta of a call has id and name, those behind it pieces of its arguments. */
const toolCallDeltaSchema = z.object({
  index: z.int(),
  id: z.string().optional(),
  type: z.literal('function').optional(),
  function: z.object({ name: z.string().optional(), arguments: z.string() }),
})

export const chatCompletionSchema = z
  .object({
    ...identityFields,
    object: z.literal('chat.completion'),
    choices: z.array(
      z.object({
        index: z.int(),
        message: z.object({
          role: z.literal('assistant'),
          content: z.string().nullable().describe('Null for calls without a word.'),
          ...thoughtFields,
          refusal: z.null(),
          tool_calls: z.array(toolCallSchema).optional(),
        }),
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
        delta: z.object({
          role: z.literal('assistant').optional(),
          content: z.string().optional(),
          ...thoughtFields,
          tool_calls: z.array(toolCallDeltaSchema).optional(),
        }),
        logprobs: choiceLogprobsSchema.nullable(),
        finish_reason: finishReasonSchema.nullable(),
      }),
    ),
    usage: usageSchema.nullable().optional().describe('With `stream_options.include_usage` only.'),
  })
  .openapi('ChatCompletionChunk')

export type ChatCompletion = z.infer<typeof chatCompletionSchema>
export type ChatCompletionChunk = z.infer<typeof chatCompletionChunkSchema>
export type ToolCall = z.infer<typeof toolCallSchema>
export type ChoiceLogprobs = z.infer<typeof choiceLogprobsSchema>
