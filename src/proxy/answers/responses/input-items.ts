import { z } from '@hono/zod-openapi'
import { harmless, honoured, honouredAs, shapeOf } from '../fields/field-table.ts'

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

const textOrParts = z.union([z.string(), z.array(partSchema)], {
  error: 'expected a string or an array of content parts',
})

/** What becomes of the fields of an item of the input. */
export const itemFields = {
  type: honoured(z.string(), {
    values:
      '`message`; `function_call` and `function_call_output`, unless the model knows no tools; items of the type `reasoning` have no effect, and others are bypassed',
    default: '`message`',
    unless: (type, { upstream }) => !isMessage({ type }) && !(isOfCall({ type }) && upstream().readsCalls),
  }),
  role: honouredAs(z.enum(['system', 'developer', 'user', 'assistant']).optional(), {
    values: '`system`, `developer`, `user`, `assistant`; of a message',
  }),
  content: honoured(textOrParts, {
    values: 'a string or parts, of a message; an assistant may have said nothing',
    inner: partFields,
  }),
  call_id: honoured(z.string().max(256), { values: 'string; of a call and of its output' }),
  name: honoured(z.string().max(256), {
    values: 'string; of a call',
    isLeftOut: (_, { siblings }) => siblings.type !== 'function_call',
  }),
  arguments: honoured(z.string(), { values: 'JSON; of a call' }),
  output: honoured(textOrParts, { values: 'a string or parts; of a call', inner: partFields }),
  id: harmless,
  phase: harmless,
  status: harmless,
}

export const itemSchema = z
  .looseObject(shapeOf(itemFields))
  .refine((item) => !isMessage(item) || item.role !== undefined, {
    path: ['role'],
    message: 'a message needs a `role`',
  })
  .refine((item) => !isMessage(item) || item.role === 'assistant' || item.content != null, {
    path: ['content'],
    message: 'a message needs `content`',
  })
  .refine((item) => !isOfCall(item) || item.call_id != null, {
    path: ['call_id'],
    message: 'a call and its output need a `call_id`',
  })
  .refine((item) => item.type !== 'function_call' || item.name, {
    path: ['name'],
    message: 'a call needs a `name`',
  })
  .refine((item) => item.type !== 'function_call' || item.arguments != null, {
    path: ['arguments'],
    message: 'a call needs `arguments`',
  })
  .refine((item) => item.type !== 'function_call_output' || item.output != null, {
    path: ['output'],
    message: 'the output of a call needs an `output`',
  })

export type WireInputItem = z.infer<typeof itemSchema>

interface TypedItem {
  readonly type?: string | null | undefined
}

function isMessage({ type }: TypedItem): boolean {
  return type == null || type === 'message'
}

/** What a model thought before it said what it said is no part of the conversation. */
export function isThought(item: object): boolean {
  return 'type' in item && item.type === 'reasoning'
}

function isOfCall({ type }: TypedItem): boolean {
  return type === 'function_call' || type === 'function_call_output'
}

function isTextPart({ type }: { readonly type: string }): boolean {
  return type === 'input_text' || type === 'output_text' || type === 'text'
}
