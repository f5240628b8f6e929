import { chatRequestSchema } from '../chat/chat-request-schema.ts'
import type { FieldFates, IsNeutral } from '../unsteerable-request.ts'

/** Fields of a chat request that shape the answer, or carry overrides. */
export const honouredFields: ReadonlySet<string> = new Set(Object.keys(chatRequestSchema.shape))

/** Fields that cannot change what a steered answer says: accepted with any value, and without effect. */
export const harmlessFields: ReadonlySet<string> = new Set([
  'cache_prompt',
  'cache_salt',
  'metadata',
  'parallel_tool_calls',
  'prediction',
  'priority',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'reasoning_effort',
  'request_id',
  'safety_identifier',
  'service_tier',
  'store',
  'verbosity',
])

function isOneOf(...values: readonly unknown[]): IsNeutral {
  return (value) => values.includes(value)
}
const isEmptyArray: IsNeutral = (value) => Array.isArray(value) && value.length === 0
const isEmptyObject: IsNeutral = (value) => isRecord(value) && Object.keys(value).length === 0
const never: IsNeutral = () => false

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Fields of servers that OpenAI does not have, but that their clients send to chat and completions alike. */
export const neutralExtensions: Readonly<Record<string, IsNeutral>> = {
  allowed_token_ids: isEmptyArray,
  bad_words: isEmptyArray,
  grammar: isOneOf(''),
  guided_choice: never,
  guided_grammar: never,
  guided_json: never,
  guided_regex: never,
  ignore_eos: isOneOf(false),
  include_stop_str_in_output: isOneOf(false),
  json_schema: never,
  length_penalty: isOneOf(1),
  min_tokens: isOneOf(0),
  mirostat: isOneOf(0),
  repeat_penalty: isOneOf(1),
  repetition_penalty: isOneOf(1),
  skip_special_tokens: isOneOf(true),
  stop_token_ids: isEmptyArray,
  structured_outputs: never,
  typical_p: isOneOf(1),
  use_beam_search: isOneOf(false),
}

/** Fields that a steered answer cannot honour, each with the values that ask for nothing (besides null). */
export const neutralValues: Readonly<Record<string, IsNeutral>> = {
  ...neutralExtensions,
  add_generation_prompt: isOneOf(true),
  audio: never,
  best_of: isOneOf(1),
  chat_template: never,
  chat_template_kwargs: isEmptyObject,
  continue_final_message: isOneOf(false),
  documents: isEmptyArray,
  echo: isOneOf(false),
  function_call: isOneOf('none', 'auto'),
  functions: isEmptyArray,
  modalities: (value) => Array.isArray(value) && value.length === 1 && value[0] === 'text',
  moderation: never,
  response_format: (value) => isRecord(value) && value.type === 'text',
  tool_choice: isOneOf('none', 'auto'),
  tools: isEmptyArray,
  web_search_options: never,
}

/** What becomes of the fields of POST /v1/chat/completions. */
export const chatFields: FieldFates = {
  honoured: honouredFields,
  harmless: harmlessFields,
  neutral: neutralValues,
}

/** Fields of a message that are accepted with any value, and without effect. */
export const harmlessMessageFields: ReadonlySet<string> = new Set([
  'annotations',
  'id',
  'name',
  'reasoning',
  'reasoning_content',
])

/** Fields of a message that a steered answer cannot honour, with the values that ask for nothing. */
export const neutralMessageValues: Readonly<Record<string, IsNeutral>> = {
  audio: never,
  function_call: never,
  refusal: isOneOf(''),
  tool_calls: isEmptyArray,
}

/** Fields of a text part that are accepted with any value, and without effect. */
export const harmlessPartFields: ReadonlySet<string> = new Set(['cache_control', 'prompt_cache_breakpoint'])

/** What becomes of the fields of `stream_options`. */
export const streamOptionFields: FieldFates = {
  honoured: new Set(['include_usage']),
  harmless: new Set(['include_obfuscation']),
  neutral: {},
}

/** What becomes of the fields of a message. */
export const messageFields: FieldFates = {
  honoured: new Set(['role', 'content']),
  harmless: harmlessMessageFields,
  neutral: neutralMessageValues,
}
