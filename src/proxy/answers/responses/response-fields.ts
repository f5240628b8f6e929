import type { FieldFates, IsNeutral } from '../unsteerable-request.ts'
import { responseRequestSchema } from './response-request-schema.ts'

const isEmptyArray: IsNeutral = (value) => Array.isArray(value) && value.length === 0
const never: IsNeutral = () => false

/** Whether the `text` field asks for plain text; how wordy it is to be is harmless. */
const isPlainText: IsNeutral = (value) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const { format, verbosity: _verbosity, ...others } = value as Record<string, unknown>
  if (Object.keys(others).length > 0) return false
  return format == null || (typeof format === 'object' && 'type' in format && format.type === 'text')
}

/** What becomes of the fields of POST /v1/responses. */
export const responseFields = {
  honoured: new Set(Object.keys(responseRequestSchema.shape)),
  harmless: new Set([
    'max_tool_calls',
    'parallel_tool_calls',
    'prompt_cache_key',
    'prompt_cache_options',
    'prompt_cache_retention',
    'reasoning',
    'safety_identifier',
    'service_tier',
    'store',
  ]),
  neutral: {
    background: (value) => value === false,
    context_management: isEmptyArray,
    conversation: never,
    moderation: never,
    previous_response_id: never,
    prompt: never,
    text: isPlainText,
    tool_choice: (value) => value === 'none' || value === 'auto',
    tools: isEmptyArray,
    truncation: (value) => value === 'disabled',
  },
} as const satisfies FieldFates

/** What becomes of the fields of a message in the input. */
export const responseMessageFields = {
  honoured: new Set(['type', 'role', 'content']),
  harmless: new Set(['id', 'phase', 'status']),
  neutral: {},
} as const satisfies FieldFates

/** What becomes of the fields of a text part. */
export const responsePartFields = {
  honoured: new Set(['type', 'text']),
  harmless: new Set(['annotations', 'logprobs', 'prompt_cache_breakpoint']),
  neutral: {},
} as const satisfies FieldFates
