import { z } from '@hono/zod-openapi'
import { traceObjectSchema } from '../trace/trace-schema.ts'
import { reportedTokenSchema } from '../wire/token-logprobs.ts'

const callSchema = z.object({
  id: z.string(),
  function: z.object({ index: z.int(), name: z.string(), arguments: z.record(z.string(), z.unknown()) }),
})

const headFields = {
  model: z.string().describe('The name that the client sent.'),
  created_at: z.string().describe('ISO 8601.'),
}

const tailFields = {
  done: z.boolean(),
  done_reason: z.enum(['stop', 'length']).optional(),
  prompt_eval_count: z.int().optional(),
  eval_count: z.int().optional(),
  logprobs: z.array(reportedTokenSchema).optional(),
  costeer: traceObjectSchema.optional().describe('For clients that asked for a trace.'),
}

const thinking = z.string().optional().describe('What the model thought before.')

/** A reply of /api/chat, or a line of its stream. */
export const ollamaChatReplySchema = z
  .object({
    ...headFields,
    message: z.object({
      role: z.literal('assistant'),
      content: z.string(),
      thinking,
      tool_calls: z.array(callSchema).optional(),
    }),
    ...tailFields,
  })
  .openapi('OllamaChatReply')

/** The same of /api/generate. */
export const ollamaGenerateReplySchema = z
  .object({ ...headFields, response: z.string(), thinking, ...tailFields })
  .openapi('OllamaGenerateReply')

export type OllamaChatReply = z.infer<typeof ollamaChatReplySchema>
export type OllamaGenerateReply = z.infer<typeof ollamaGenerateReplySchema>
export type OllamaCall = z.infer<typeof callSchema>
