import { chatRequestSchema } from './chat-request-schema.ts'

/** Fields of a chat request that shape the answer, or carry overrides. */
export const honouredFields: ReadonlySet<string> = new Set(Object.keys(chatRequestSchema.shape))

/** Fields that cannot change what a steered answer says: accepted with any value, and without effect. */
export const harmlessFields: ReadonlySet<string> = new Set([
  'metadata',
  'parallel_tool_calls',
  'prediction',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'reasoning_effort',
  'safety_identifier',
  'service_tier',
  'store',
  'verbosity',
])

type Predicate = (value: unknown) => boolean

const isOneOf =
  (...values: readonly unknown[]): Predicate =>
  (value) =>
    values.includes(value)
const isEmptyArray: Predicate = (value) => Array.isArray(value) && value.length === 0
const isEmptyObject: Predicate = (value) => isRecord(value) && Object.keys(value).length === 0
const never: Predicate = () => false

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Fields that a steered answer cannot honour, each with the values that ask for nothing (besides null). */
export const neutralValues: Readonly<Record<string, Predicate>> = {
  audio: never,
  chat_template_kwargs: isEmptyObject,
  frequency_penalty: isOneOf(0),
  function_call: isOneOf('none', 'auto'),
  functions: isEmptyArray,
  logit_bias: isEmptyObject,
  min_p: isOneOf(0),
  modalities: (value) => Array.isArray(value) && value.length === 1 && value[0] === 'text',
  moderation: never,
  presence_penalty: isOneOf(0),
  repetition_penalty: isOneOf(1),
  response_format: (value) => isRecord(value) && value.type === 'text',
  tool_choice: isOneOf('none', 'auto'),
  tools: isEmptyArray,
  web_search_options: never,
}

/** Fields of a message that are accepted with any value, and without effect. */
export const harmlessMessageFields: ReadonlySet<string> = new Set([
  'annotations',
  'id',
  'reasoning',
  'reasoning_content',
])

/** Fields of a message that a steered answer cannot honour, with the values that ask for nothing. */
export const neutralMessageValues: Readonly<Record<string, Predicate>> = {
  audio: never,
  function_call: never,
  refusal: isOneOf(''),
  tool_calls: isEmptyArray,
}

/** Fields of a text part that are accepted with any value, and without effect. */
export const harmlessPartFields: ReadonlySet<string> = new Set(['cache_control', 'prompt_cache_breakpoint'])
