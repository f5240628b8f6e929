import { z } from '@hono/zod-openapi'
import { anthropicErrorSchema } from '../../errors/anthropic-error.ts'
import { traceObjectSchema } from '../trace/trace-schema.ts'

const thinkingSchema = z.object({
  type: z.literal('thinking'),
  thinking: z.string(),
  signature: z.literal('').describe('Thoughts are not signed here.'),
})

const textSchema = z.object({ type: z.literal('text'), text: z.string(), citations: z.null() })

const callSchema = z.object({
  type: z.literal('tool_use'),
  id: z.string().describe('What the result of the call names.'),
  name: z.string(),
  input: z.record(z.string(), z.unknown()),
})

const blockSchema = z.discriminatedUnion('type', [thinkingSchema, textSchema, callSchema])

const usageFields = {
  input_tokens: z.int(),
  output_tokens: z.int(),
  cache_creation_input_tokens: z.literal(0),
  cache_read_input_tokens: z.literal(0),
  output_tokens_details: z
    .object({ thinking_tokens: z.int() })
    .nullable()
    .describe('Of an answer that is whole, of a model that may think.'),
}

const stopFields = {
  stop_reason: z.enum(['end_turn', 'max_tokens', 'stop_sequence', 'tool_use']).nullable(),
  stop_sequence: z.string().nullable().describe('The one that ended the answer.'),
}

export const messageObjectSchema = z
  .object({
    id: z.string(),
    type: z.literal('message'),
    role: z.literal('assistant'),
    model: z.string().describe('The name that the client sent.'),
    content: z.array(blockSchema).describe('Thoughts, texts and calls, as the model had them.'),
    ...stopFields,
    usage: z.object(usageFields),
  })
  .openapi('MessageObject')

const deltaSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('thinking_delta'), thinking: z.string() }),
  z.object({ type: z.literal('text_delta'), text: z.string() }),
  z.object({ type: z.literal('input_json_delta'), partial_json: z.string() }),
])

/** One event of a streamed message. */
export const messageEventSchema = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('message_start'), message: messageObjectSchema }),
    z.object({ type: z.literal('content_block_start'), index: z.int(), content_block: blockSchema }),
    z.object({ type: z.literal('content_block_delta'), index: z.int(), delta: deltaSchema }),
    z.object({ type: z.literal('content_block_stop'), index: z.int() }),
    z.object({
      type: z.literal('message_delta'),
      delta: z.object(stopFields),
      usage: z.object(usageFields),
    }),
    z.object({ type: z.literal('message_stop') }),
    z.object({
      type: z.literal('ping'),
      costeer: traceObjectSchema.optional().describe('For clients that asked for a trace.'),
    }),
    anthropicErrorSchema,
  ])
  .openapi('MessageEvent')

export const tokenCountSchema = z.object({ input_tokens: z.int() }).openapi('MessageTokenCount')

export type WireMessageObject = z.infer<typeof messageObjectSchema>
export type WireAnswerBlock = z.infer<typeof blockSchema>
export type MessageDelta = z.infer<typeof deltaSchema>
export type MessageEvent = z.infer<typeof messageEventSchema>
