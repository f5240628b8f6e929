import { z } from '@hono/zod-openapi'
import { MAX_MESSAGES } from '../fields/conversation.ts'
import { eventStreamFields, tokenLimit } from '../fields/delivery-fields.ts'
import { harmless, honoured, honouredAs, neutral, neutralIf, shapeOf } from '../fields/field-table.ts'
import { samplingFields } from '../fields/sampling-fields.ts'
import { accountFields } from '../fields/server-fields.ts'
import { modelField, steeringFields } from '../fields/steering-fields.ts'
import { functionSchema, toolFields } from '../fields/tool-fields.ts'
import { isThought, itemFields, itemSchema } from './input-items.ts'

const reasoningFields = {
  effort: honoured(z.string().max(32), {
    values: 'what the chat template knows, such as `low`; `none` switches thinking off',
  }),
  summary: harmless,
  generate_summary: harmless,
}

/** A function lies flat in its tool, unlike those of chat requests. */
const toolSchema = z
  .looseObject({ ...functionSchema.partial().shape, type: z.string() })
  .refine(({ type, name }) => type !== 'function' || name !== undefined, {
    path: ['name'],
    message: 'a tool of the type `function` needs a `name`',
  })
  .openapi('FlatTool')

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
      skips: isThought,
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
  ...toolFields(toolSchema),
  ...accountFields,
  client_metadata: harmless,
  max_tool_calls: harmless,
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
