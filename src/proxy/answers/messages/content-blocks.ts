import { z } from '@hono/zod-openapi'
import { harmless, honoured, honouredAs, shapeOf } from '../fields/field-table.ts'

const textRow = honouredAs(z.string().nullish(), {
  values: 'string; the texts of a message are joined by line breaks',
})

/** Where only text can stand. */
const textBlockFields = {
  type: honouredAs(z.string().openapi({ example: 'text' }), {
    values: '`text`; others are bypassed',
    unless: (type) => type !== 'text',
  }),
  text: textRow,
  cache_control: harmless,
  citations: harmless,
}

const textBlockSchema = z.looseObject(shapeOf(textBlockFields)).refine(...needs('text', 'text'))

/** The row of a text, or of blocks of text. */
export function textField(values: string) {
  const schema = z.union([z.string(), z.array(textBlockSchema)], {
    error: 'expected a string or an array of content blocks',
  })
  return honoured(schema, { values, inner: textBlockFields })
}

/** What becomes of the fields of a message's block: one that holds neither text nor a call is a server's. */
export const blockFields = {
  type: honouredAs(z.string().openapi({ example: 'text' }), {
    values:
      '`text`; `tool_use` and `tool_result`, unless the model knows no tools; `thinking` and `redacted_thinking` have no effect, and others are bypassed',
    unless: (type, { upstream }) => type !== 'text' && !(isOfCall({ type }) && upstream().readsCalls),
  }),
  text: textRow,
  id: honoured(z.string().max(256), { values: 'string; of a call' }),
  name: honoured(z.string().min(1).max(256), { values: 'string; of a call' }),
  input: honoured(z.record(z.string(), z.unknown()), { values: 'object; of a call' }),
  tool_use_id: honoured(z.string().max(256), { values: 'string; of the result of a call' }),
  content: textField('a string or blocks of text; of the result of a call'),
  is_error: harmless,
  cache_control: harmless,
  caller: harmless,
  citations: harmless,
  toolset_name: harmless,
}

export const blockSchema = z
  .looseObject(shapeOf(blockFields))
  .refine(...needs('text', 'text'))
  .refine(...needs('tool_use', 'id'))
  .refine(...needs('tool_use', 'name'))
  .refine(...needs('tool_use', 'input'))
  .refine(...needs('tool_result', 'tool_use_id'))
  .openapi('MessageBlock')

export type WireTextBlock = z.infer<typeof textBlockSchema>
export type WireBlock = z.infer<typeof blockSchema>

/** What a model thought before it said what it said is no part of the conversation. */
export function isThought(block: object): boolean {
  return 'type' in block && (block.type === 'thinking' || block.type === 'redacted_thinking')
}

function isOfCall({ type }: { readonly type: string }): boolean {
  return type === 'tool_use' || type === 'tool_result'
}

interface TypedBlock {
  readonly type: string
  readonly [field: string]: unknown
}

function needs(
  type: string,
  field: string,
): [(block: TypedBlock) => boolean, { path: string[]; message: string }] {
  const isThere = (block: TypedBlock) => block.type !== type || block[field] != null
  return [isThere, { path: [field], message: `a block of the type \`${type}\` needs a \`${field}\`` }]
}
