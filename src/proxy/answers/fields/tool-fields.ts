import { z } from '@hono/zod-openapi'
import type { OfferedTools } from '../../../gateway/answer-request.ts'
import type { ChatTool } from '../../../steer/chat-prompt.ts'
import { type FieldContext, honoured, type NeutralField, neutral } from './field-table.ts'

const LEFT_OUT =
  'where the model has no server that could offer them to it, optional ones are left out, and named in `x-costeer-ignored`'

/**
 * The row of tools that steering cannot offer. `choice` is the field beside it that says whether they must be
 * used.
 */
export function unofferedTools(choice: 'tool_choice' | 'function_call'): NeutralField {
  return {
    ...neutral([]),
    values: `\`[]\`; ${LEFT_OUT}`,
    isLeftOut: (_, { siblings, upstream }) => mayBeLeftOut(siblings[choice], upstream),
  }
}

const nameSchema = z.string().min(1).max(256)
const functionSchema = z.looseObject({
  name: nameSchema,
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
})
const toolSchema = z
  .looseObject({ type: z.string(), function: functionSchema.optional() })
  .refine(({ type, function: called }) => type !== 'function' || called !== undefined, {
    path: ['function'],
    message: 'a tool of the type `function` needs a `function`',
  })
  .openapi('Tool')

/** Fields of chat requests that offer tools to the model. */
export const toolFields = {
  tools: honoured(z.array(toolSchema), {
    values: `functions, where the model's template and calls are known, else they are bypassed; ${LEFT_OUT}`,
    judgesAny: true,
    unless: (tools, { upstream }) => !isOfferable(tools, upstream),
    isLeftOut: (tools, { siblings, upstream }) =>
      !isOfferable(tools, upstream) && mayBeLeftOut(siblings.tool_choice, upstream),
  }),
  tool_choice: honoured(z.unknown(), {
    values: '`auto`, `none`; others are bypassed',
    unless: (choice) => !isOptional(choice),
  }),
  parallel_tool_calls: honoured(z.boolean(), {
    values: 'boolean: with `false`, calls behind the first are left out',
    default: 'true',
    isLeftOut: (value, { siblings }) => value === true && siblings.tools == null,
  }),
}

/** What is no list is refused where tools could be offered. */
function isOfferable(tools: unknown, upstream: FieldContext['upstream']): boolean {
  if (Array.isArray(tools) && tools.length === 0) return true
  return upstream().readsCalls && (!Array.isArray(tools) || tools.every(isFunction))
}

function isFunction(tool: unknown): boolean {
  return typeof tool === 'object' && tool !== null && 'type' in tool && tool.type === 'function'
}

/** Of optional tools, where no server could be asked instead. */
function mayBeLeftOut(choice: unknown, upstream: FieldContext['upstream']): boolean {
  return isOptional(choice) && upstream().passthrough === null
}

function isOptional(choice: unknown): boolean {
  return choice == null || choice === 'auto' || choice === 'none'
}

type WireTools = {
  readonly [Field in keyof typeof toolFields]?: z.infer<(typeof toolFields)[Field]['schema']>
}

/** What a request offers; null for nothing. */
export function offeredTools({
  tools,
  tool_choice: choice,
  parallel_tool_calls: parallel,
}: WireTools): { readonly tools: OfferedTools } | null {
  const functions = (tools ?? []).flatMap(({ function: called }): ChatTool[] =>
    called === undefined ? [] : [{ type: 'function', function: described(called) }],
  )
  if (functions.length === 0) return null
  return {
    tools: { tools: functions, choice: choice === 'none' ? 'none' : 'auto', parallel: parallel !== false },
  }
}

/** As it was sent, for the template to show: also fields that are not known here. */
function described(called: z.infer<typeof functionSchema>): ChatTool['function'] {
  const said = Object.entries(called).filter(([, value]) => value !== null && value !== undefined)
  return { ...Object.fromEntries(said), name: called.name }
}
