import { z } from '@hono/zod-openapi'
import { traceObjectSchema } from '../trace/trace-schema.ts'
import { reportedTokenSchema } from '../wire/token-logprobs.ts'

/** An array of what never occurs here. */
const nothing = z.array(z.string()).max(0)

const outputTextSchema = z.object({
  type: z.literal('output_text'),
  text: z.string(),
  annotations: nothing,
  logprobs: z.array(reportedTokenSchema),
})

const statusSchema = z.enum(['in_progress', 'completed', 'incomplete'])

const messageSchema = z.object({
  id: z.string(),
  type: z.literal('message'),
  status: statusSchema,
  role: z.literal('assistant'),
  content: z.array(outputTextSchema),
})

const reasoningTextSchema = z.object({ type: z.literal('reasoning_text'), text: z.string() })

const reasoningSchema = z.object({
  id: z.string(),
  type: z.literal('reasoning'),
  status: statusSchema,
  summary: nothing,
  content: z.array(reasoningTextSchema),
})

const callSchema = z.object({
  id: z.string(),
  type: z.literal('function_call'),
  status: statusSchema,
  call_id: z.string().describe('What the output of the call names.'),
  name: z.string(),
  arguments: z.string().describe('JSON; cut off where the response is.'),
})

const itemSchema = z.discriminatedUnion('type', [reasoningSchema, messageSchema, callSchema])
const partSchema = z.discriminatedUnion('type', [reasoningTextSchema, outputTextSchema])

const usageSchema = z.object({
  input_tokens: z.int(),
  input_tokens_details: z.object({ cached_tokens: z.int(), cache_write_tokens: z.int() }),
  output_tokens: z.int(),
  output_tokens_details: z.object({ reasoning_tokens: z.int() }),
  total_tokens: z.int(),
})

export const responseObjectSchema = z
  .object({
    id: z.string(),
    object: z.literal('response'),
    created_at: z.int().describe('Unix seconds.'),
    completed_at: z.int().nullable(),
    status: z.enum([...statusSchema.options, 'failed']),
    background: z.literal(false),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    incomplete_details: z.object({ reason: z.literal('max_output_tokens') }).nullable(),
    instructions: z.string().nullable(),
    max_output_tokens: z.int().nullable(),
    metadata: z.record(z.string(), z.string()),
    model: z.string().describe('The name that the client sent.'),
    output: z.array(itemSchema).describe('Thoughts, messages and calls, as the model had them.'),
    parallel_tool_calls: z.boolean(),
    previous_response_id: z.null(),
    reasoning: z.object({ effort: z.string().nullable(), summary: z.null() }),
    store: z.literal(false).describe('Nothing is kept here.'),
    temperature: z.number(),
    text: z.object({ format: z.object({ type: z.literal('text') }) }),
    tool_choice: z.enum(['none', 'auto']),
    tools: z.array(z.looseObject({ type: z.string() })).describe('As the request has them.'),
    top_logprobs: z.int(),
    top_p: z.number(),
    truncation: z.literal('disabled'),
    usage: usageSchema.nullable(),
    user: z.string().nullable(),
  })
  .openapi('Response')

const place = {
  item_id: z.string(),
  output_index: z.int(),
  content_index: z.literal(0),
}
const costeer = traceObjectSchema
  .optional()
  .describe('Beside an empty delta, for clients that asked for a trace.')

function event<Type extends string, Fields extends z.ZodRawShape>(type: Type, fields: Fields) {
  return z.object({ type: z.literal(type), sequence_number: z.int(), ...fields })
}

/** One event of a streamed response, in the order in which they come. */
export const responseEventSchema = z
  .discriminatedUnion('type', [
    event('response.created', { response: responseObjectSchema }),
    event('response.in_progress', { response: responseObjectSchema }),
    event('response.output_item.added', { output_index: z.int(), item: itemSchema }),
    event('response.content_part.added', { ...place, part: partSchema }),
    event('response.reasoning_text.delta', { ...place, delta: z.string(), costeer }),
    event('response.reasoning_text.done', { ...place, text: z.string() }),
    event('response.output_text.delta', {
      ...place,
      delta: z.string(),
      logprobs: z.array(reportedTokenSchema),
      costeer,
    }),
    event('response.output_text.done', {
      ...place,
      text: z.string(),
      logprobs: z.array(reportedTokenSchema),
    }),
    event('response.content_part.done', { ...place, part: partSchema }),
    event('response.function_call_arguments.delta', {
      item_id: z.string(),
      output_index: z.int(),
      delta: z.string(),
      costeer,
    }),
    event('response.function_call_arguments.done', {
      item_id: z.string(),
      output_index: z.int(),
      name: z.string(),
      arguments: z.string(),
    }),
    event('response.output_item.done', { output_index: z.int(), item: itemSchema }),
    event('response.completed', { response: responseObjectSchema }),
    event('response.incomplete', { response: responseObjectSchema }),
    event('response.failed', { response: responseObjectSchema }),
    event('error', {
      code: z.string(),
      message: z.string(),
      param: z.string().nullable(),
      error: z.object({
        code: z.string(),
        message: z.string(),
        param: z.string().nullable(),
        type: z.string(),
      }),
    }),
  ])
  .openapi('ResponseEvent')

type WithoutNumber<Event> = Event extends { sequence_number: number } ? Omit<Event, 'sequence_number'> : never

export type WireResponse = z.infer<typeof responseObjectSchema>
export type WireMessageItem = z.infer<typeof messageSchema>
export type WireReasoningItem = z.infer<typeof reasoningSchema>
export type WireCallItem = z.infer<typeof callSchema>
export type WireItem = z.infer<typeof itemSchema>
export type WireOutputText = z.infer<typeof outputTextSchema>
/** An event before it is numbered. */
export type ResponseEvent = WithoutNumber<z.infer<typeof responseEventSchema>>
