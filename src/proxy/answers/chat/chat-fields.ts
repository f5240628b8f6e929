import { z } from '@hono/zod-openapi'
import { MAX_MESSAGES } from '../fields/conversation.ts'
import { choiceFields, chunkStreamFields, tokenLimit } from '../fields/delivery-fields.ts'
import {
  harmless,
  harmlessOf,
  honoured,
  honouredAs,
  neutral,
  neutralIf,
  shapeOf,
} from '../fields/field-table.ts'
import { samplingFields } from '../fields/sampling-fields.ts'
import { accountFields, extensionFields } from '../fields/server-fields.ts'
import { modelField, steeringFields } from '../fields/steering-fields.ts'
import { thinkingFields } from '../fields/thinking-fields.ts'
import { functionSchema, toolFields, unofferedFunctions } from '../fields/tool-fields.ts'

/** Any content part: one that holds no text is a server's business. */
const partFields = {
  type: honouredAs(z.string().openapi({ example: 'text' }), {
    values: '`text`, `refusal`; other parts are bypassed',
    unless: (type) => type !== 'text' && type !== 'refusal',
  }),
  text: honouredAs(z.string().nullish(), {
    values: 'string; the parts of a message are joined by line breaks',
  }),
  refusal: honoured(z.string(), { values: 'string; counts as text' }),
  cache_control: harmless,
  prompt_cache_breakpoint: harmless,
}

const partSchema = z
  .looseObject(shapeOf(partFields))
  .refine((part) => part.type !== 'text' || part.text != null, {
    path: ['text'],
    message: 'a text part needs a `text` string',
  })
  .openapi('ContentPart')

const callSchema = z
  .looseObject({
    id: z.string().max(256),
    type: z.string(),
    function: z.looseObject({ name: z.string().min(1).max(256), arguments: z.string() }).optional(),
  })
  .refine(({ type, function: called }) => type !== 'function' || called !== undefined, {
    path: ['function'],
    message: 'a call of the type `function` needs a `function`',
  })
  .openapi('ToolCall')

/** What becomes of the fields of a message. */
export const messageFields = {
  role: honouredAs(z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function']), {
    values:
      '`system`, `developer`, `user`, `assistant`, `tool`; messages of the role `function` are bypassed, and so are those of tools where the model knows none',
    unless: (role, { upstream }) => role === 'function' || (role === 'tool' && !upstream().readsCalls),
  }),
  content: honoured(
    z.union([z.string(), z.array(partSchema)], { error: 'expected a string or an array of content parts' }),
    {
      values: 'a string or parts; an assistant may have said nothing (`null`, none, or an empty array)',
      inner: partFields,
    },
  ),
  annotations: harmless,
  id: harmless,
  refusal: honoured(z.string(), { values: 'string; what an assistant said in place of `content`' }),
  name: harmlessOf(z.string().max(256).nullish(), 'string'),
  reasoning: harmless,
  reasoning_content: harmless,
  audio: neutral(),
  function_call: neutral(),
  tool_call_id: honoured(z.string().max(256), {
    values: 'string; of a message of the role `tool`',
    isLeftOut: (_, { siblings }) => siblings.role !== 'tool',
  }),
  tool_calls: honoured(z.array(callSchema), {
    values: "an assistant's calls of functions; others are bypassed",
    judgesAny: true,
    unless: (calls, { upstream }) => {
      if (!Array.isArray(calls)) return !upstream().readsCalls
      return calls.some((call) => call?.type !== 'function') || (calls.length > 0 && !upstream().readsCalls)
    },
  }),
}

const messageSchema = z.looseObject(shapeOf(messageFields)).openapi('ChatMessage')

const toolSchema = z
  .looseObject({ type: z.string(), function: functionSchema.optional() })
  .refine(({ type, function: called }) => type !== 'function' || called !== undefined, {
    path: ['function'],
    message: 'a tool of the type `function` needs a `function`',
  })
  .openapi('Tool')

/** What becomes of the fields of POST /v1/chat/completions. */
export const chatFields = {
  ...modelField,
  messages: honouredAs(z.array(messageSchema).min(1).max(MAX_MESSAGES), {
    values: `1 to ${MAX_MESSAGES}`,
    inner: messageFields,
  }),
  ...samplingFields,
  ...choiceFields,
  max_completion_tokens: honoured(tokenLimit, {
    values: 'at least 1, or -1 for no limit; with `max_tokens`, the smaller one holds',
    default: 'what fits the window',
  }),
  max_tokens: honoured(tokenLimit, { values: 'the same by its older name' }),
  logprobs: honoured(z.boolean(), { values: 'boolean', default: 'false' }),
  top_logprobs: honoured(z.int().min(0).max(20), { values: '0 to 20; needs `logprobs: true`', default: '0' }),
  ...chunkStreamFields,
  ...steeringFields,
  ...thinkingFields,
  ...toolFields(toolSchema),
  ...accountFields,
  ...extensionFields,
  metadata: harmless,
  prediction: harmless,
  prompt_cache_options: harmless,
  prompt_cache_retention: harmless,
  verbosity: harmless,
  add_generation_prompt: neutral(true),
  audio: neutral(),
  best_of: neutral(1),
  chat_template: neutral(),
  continue_final_message: neutral(false),
  documents: neutral([]),
  echo: neutral(false),
  function_call: neutral('none', 'auto'),
  functions: unofferedFunctions,
  modalities: neutral(['text']),
  moderation: neutral(),
  response_format: neutralIf('`{"type":"text"}`', isTextFormat),
  web_search_options: neutral(),
}

function isTextFormat(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'text'
}

/** The body of POST /v1/chat/completions. Fields without a schema come along as they are. */
export const chatRequestSchema = z.looseObject(shapeOf(chatFields)).openapi('ChatCompletionRequest')

export type WireChatRequest = z.infer<typeof chatRequestSchema>
export type WireMessage = WireChatRequest['messages'][number]
