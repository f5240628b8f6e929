import { z } from '@hono/zod-openapi'
import { MAX_MESSAGES } from '../fields/conversation.ts'
import { eventStreamFields, tokenLimit } from '../fields/delivery-fields.ts'
import { harmless, honoured, honouredAs, neutral, neutralIf, shapeOf } from '../fields/field-table.ts'
import { samplingFields } from '../fields/sampling-fields.ts'
import { accountFields } from '../fields/server-fields.ts'
import { modelField, steeringFields } from '../fields/steering-fields.ts'
import { unofferedTools } from '../fields/tool-fields.ts'

/** Any content part: one that holds no text is a server's business. */
const partFields = {
  type: honouredAs(z.string().openapi({ example: 'input_text' }), {
    values: '`input_text`, `output_text`, `text`, `refusal`; other parts are bypassed',
    unless: (type) => type !== 'refusal' && !isTextPart({ type }),
  }),
  text: honouredAs(z.string().nullish(), {
    values: 'string; the parts of a message are joined by line breaks',
  }),
  refusal: honoured(z.string(), { values: 'string; counts as text' }),
  annotations: harmless,
  logprobs: harmless,
  prompt_cache_breakpoint: harmless,
}

const partSchema = z
  .looseObject(shapeOf(partFields))
  .refine((part) => !isTextPart(part) || part.text != null, {
    path: ['text'],
    message: 'a text part needs a `text` string',
  })

/** What becomes of the fields of a message in the input. */
const itemFields = {
  type: honoured(z.string(), {
    values: '`message`; items of the type `reasoning` have no effect, and others are bypassed',
    default: '`message`',
    unless: (type) => !isMessage({ type }),
  }),
  role: honouredAs(z.enum(['system', 'developer', 'user', 'assistant']).optional(), {
    values: '`system`, `developer`, `user`, `assistant`',
  }),
  content: honoured(
    z.union([z.string(), z.array(partSchema)], {
      error: 'expected a string or an array of content parts',
    }),
    { values: 'a string or parts; an assistant may have said nothing', inner: partFields },
  ),
  id: harmless,
  phase: harmless,
  status: harmless,
}

const itemSchema = z
  .looseObject(shapeOf(itemFields))
  .refine((item) => !isMessage(item) || item.role !== undefined, {
    path: ['role'],
    message: 'a message needs a `role`',
  })
  .refine((item) => !isMessage(item) || item.role === 'assistant' || item.content != null, {
    path: ['content'],
    message: 'a message needs `content`',
  })

const reasoningFields = {
  effort: honoured(z.string().max(32), {
    values: 'what the chat template knows, such as `low`; `none` switches thinking off',
  }),
  summary: harmless,
  generate_summary: harmless,
}

/** What becomes of the fields of POST /v1/responses. */
export const responseFields = {
  ...modelField,
  input: honouredAs(
    z.union([z.string().min(1), z.array(itemSchema).min(1).max(MAX_MESSAGES)], {
      error: `expected a non-empty string or an array of 1 to ${MAX_MESSAGES} items`,
    }),
    {
      values: `a string, or up to ${MAX_MESSAGES} items`,
      inner: itemFields,
      // What a model thought before it said what it said is no part of the conversation.
      skips: (item) => 'type' in item && item.type === 'reasoning',
    },
  ),
  instructions: honoured(z.string(), { values: 'a system message ahead of the input' }),
  temperature: samplingFields.temperature,
  top_p: samplingFields.top_p,
  max_output_tokens: honoured(tokenLimit, {
    values: 'at least 1, or -1 for no limit',
    default: 'what fits the window',
  }),
  top_logprobs: honoured(z.int().min(0).max(20), { values: '0 to 20', default: '0' }),
  include: honoured(z.array(z.string()), {
    values: '`message.output_text.logprobs` reports log-probabilities; what else it names never occurs',
  }),
  ...eventStreamFields,
  metadata: honoured(z.record(z.string(), z.string()), {
    values: 'comes back with the answer',
    default: '`{}`',
  }),
  ...steeringFields,
  ...accountFields,
  client_metadata: harmless,
  max_tool_calls: harmless,
  parallel_tool_calls: harmless,
  prompt_cache_options: harmless,
  prompt_cache_retention: harmless,
  reasoning: honoured(z.looseObject(shapeOf(reasoningFields)), {
    values: 'object',
    inner: reasoningFields,
  }),
  background: neutral(false),
  context_management: neutral([]),
  conversation: neutral(),
  moderation: neutral(),
  previous_response_id: neutral(),
  prompt: neutral(),
  text: neutralIf('plain text, of any verbosity', isPlainText),
  tool_choice: neutral('none', 'auto'),
  tools: unofferedTools('tool_choice'),
  truncation: neutral('disabled'),
}

/** Whether the `text` field asks for plain text; how wordy it is to be is harmless. */
function isPlainText(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const { format, verbosity: _verbosity, ...others } = value as Record<string, unknown>
  if (Object.keys(others).length > 0) return false
  return format == null || (typeof format === 'object' && 'type' in format && format.type === 'text')
}

/** The body of POST /v1/responses. Fields without a schema come along as they are. */
export const responseRequestSchema = z.looseObject(shapeOf(responseFields)).openapi('ResponseRequest')

export type WireResponseRequest = z.infer<typeof responseRequestSchema>

export function isMessage({ type }: { readonly type?: string | null | undefined }): boolean {
  return type == null || type === 'message'
}

function isTextPart({ type }: { readonly type: string }): boolean {
  return type === 'input_text' || type === 'output_text' || type === 'text'
}
