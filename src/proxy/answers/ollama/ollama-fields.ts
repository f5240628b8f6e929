import { z } from '@hono/zod-openapi'
import { MAX_MESSAGES } from '../fields/conversation.ts'
import { choiceFields } from '../fields/delivery-fields.ts'
import { harmless, honoured, honouredAs, neutral, shapeOf } from '../fields/field-table.ts'
import { samplingFields } from '../fields/sampling-fields.ts'
import { modelField, steeringFields } from '../fields/steering-fields.ts'
import { functionSchema, toolFields } from '../fields/tool-fields.ts'

const callSchema = z.looseObject({
  id: z.string().max(256).nullish(),
  function: z.looseObject({
    name: z.string().min(1).max(256),
    arguments: z.record(z.string(), z.unknown()).nullish(),
  }),
})

/** What becomes of the fields of a message. */
const messageFields = {
  role: honouredAs(z.enum(['system', 'user', 'assistant', 'tool']), {
    values: '`system`, `user`, `assistant`, `tool`; the last one unless the model knows no tools',
    unless: (role, { upstream }) => role === 'tool' && !upstream().readsCalls,
  }),
  content: honoured(z.string(), { values: 'string; an assistant may have said nothing' }),
  tool_calls: honoured(z.array(callSchema), {
    values: "an assistant's calls of functions",
    unless: (calls, { upstream }) => calls.length > 0 && !upstream().readsCalls,
  }),
  tool_name: honoured(z.string().max(256), { values: 'string; of a message of the role `tool`' }),
  tool_call_id: honoured(z.string().max(256), { values: 'string; of a message of the role `tool`' }),
  thinking: harmless,
  images: neutral([]),
}

const messageSchema = z
  .looseObject(shapeOf(messageFields))
  .refine(({ role, content }) => role === 'assistant' || content != null, {
    path: ['content'],
    message: 'a message needs `content`',
  })
  .openapi('OllamaMessage')

const optionFields = {
  num_predict: honoured(
    z
      .int()
      .min(-2)
      .refine((count) => count !== 0, 'expected at least 1, or -1 for no limit'),
    { values: 'at least 1; -1 and -2 mean no limit', default: 'what fits the window' },
  ),
  temperature: samplingFields.temperature,
  top_p: samplingFields.top_p,
  top_k: samplingFields.top_k,
  min_p: samplingFields.min_p,
  seed: samplingFields.seed,
  presence_penalty: samplingFields.presence_penalty,
  frequency_penalty: samplingFields.frequency_penalty,
  stop: choiceFields.stop,
  low_vram: harmless,
  main_gpu: harmless,
  mirostat: harmless,
  mirostat_eta: harmless,
  mirostat_tau: harmless,
  num_batch: harmless,
  num_ctx: harmless,
  num_gpu: harmless,
  num_keep: harmless,
  num_thread: harmless,
  numa: harmless,
  penalize_newline: harmless,
  repeat_last_n: harmless,
  repeat_penalty: harmless,
  tfs_z: harmless,
  typical_p: harmless,
  use_mmap: harmless,
  use_mlock: harmless,
}

const toolSchema = z
  .looseObject({ type: z.string(), function: functionSchema.optional() })
  .refine(({ type, function: called }) => type !== 'function' || called !== undefined, {
    path: ['function'],
    message: 'a tool of the type `function` needs a `function`',
  })
  .openapi('OllamaTool')

/** What both routes have. */
const sharedFields = {
  ...modelField,
  stream: honoured(z.boolean(), { values: 'boolean', default: 'true' }),
  think: honoured(z.union([z.boolean(), z.string().max(32)]), {
    values: 'boolean, or what the chat template knows, such as `low`',
  }),
  logprobs: honoured(z.boolean(), { values: 'boolean', default: 'false' }),
  top_logprobs: honoured(z.int().min(0).max(20), { values: '0 to 20; needs `logprobs: true`', default: '0' }),
  options: honoured(z.looseObject(shapeOf(optionFields)), { values: 'object', inner: optionFields }),
  ...steeringFields,
  keep_alive: harmless,
  shift: harmless,
  truncate: harmless,
  format: neutral(''),
}

/** What becomes of the fields of POST /api/chat. */
export const ollamaChatFields = {
  ...sharedFields,
  messages: honouredAs(z.array(messageSchema).min(1).max(MAX_MESSAGES), {
    values: `1 to ${MAX_MESSAGES}`,
    inner: messageFields,
  }),
  tools: toolFields(toolSchema).tools,
}

/** What becomes of the fields of POST /api/generate. */
export const ollamaGenerateFields = {
  ...sharedFields,
  prompt: honouredAs(z.string().min(1), {
    values: 'string; what the user says, or with `raw: true` the whole prompt',
  }),
  system: honoured(z.string(), { values: 'a system message ahead of it' }),
  raw: honoured(z.boolean(), { values: 'boolean', default: 'false' }),
  context: harmless,
  images: neutral([]),
  suffix: neutral(''),
  template: neutral(''),
}

/** The bodies. Fields without a schema come along as they are. */
export const ollamaChatSchema = z.looseObject(shapeOf(ollamaChatFields)).openapi('OllamaChatRequest')
export const ollamaGenerateSchema = z
  .looseObject(shapeOf(ollamaGenerateFields))
  .openapi('OllamaGenerateRequest')

export type WireOllamaChat = z.infer<typeof ollamaChatSchema>
export type WireOllamaGenerate = z.infer<typeof ollamaGenerateSchema>
