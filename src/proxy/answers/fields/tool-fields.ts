import { z } from '@hono/zod-openapi'
import type { OfferedTools } from '../../../gateway/answer-request.ts'
import type { ChatTool } from '../../../steer/chat-prompt.ts'
import { type FieldContext, honoured, type NeutralField, neutral } from './field-table.ts'

const LEFT_OUT =
  'where the model has no server that could offer them to it, optional ones are left out, and named in `x-costeer-ignored`'

/** The row of functions in the form before tools, which steering cannot offer. */
export const unofferedFunctions: NeutralField = {
  ...neutral([]),
  values: `\`[]\`; ${LEFT_OUT}`,
  isLeftOut: (_, { siblings, upstream }) => mayBeLeftOut(siblings.function_call, upstream),
}

/** A function as clients describe it. */
export const functionSchema = z.looseObject({
  name: z.string().min(1).max(256),
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
})

export type WireFunction = z.infer<typeof functionSchema>

/** How an API writes tools. */
export interface ToolForm {
  /** Whether a tool is one of the client's functions. */
  isFunction(tool: object): boolean
  /** Whether the model may do without a call. */
  isOptional(choice: unknown): boolean
}

const openAiForm: ToolForm = {
  isFunction: (tool) => 'type' in tool && tool.type === 'function',
  isOptional,
}

/** The row of tools, each written as the schema says. */
export function offeredToolsField<Tool extends z.ZodType>(tool: Tool, form: ToolForm) {
  const isOfferable = (tools: unknown, upstream: FieldContext['upstream']) => offerable(tools, form, upstream)
  return honoured(z.array(tool), {
    values: `functions, where the model's template and calls are known, else they are bypassed; ${LEFT_OUT}`,
    judgesAny: true,
    unless: (tools, { upstream }) => !isOfferable(tools, upstream),
    isLeftOut: (tools, { siblings: { tool_choice: choice }, upstream }) =>
      !isOfferable(tools, upstream) && form.isOptional(choice) && upstream().passthrough === null,
  })
}

/** Fields that offer tools to the model, each written as the schema says. */
export function toolFields<Tool extends z.ZodType>(tool: Tool) {
  return {
    tools: offeredToolsField(tool, openAiForm),
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
}

/** What is no list is refused where tools could be offered. */
function offerable(tools: unknown, { isFunction }: ToolForm, upstream: FieldContext['upstream']): boolean {
  if (!Array.isArray(tools)) return upstream().readsCalls
  if (tools.length === 0) return true
  const areFunctions = tools.every((tool) => typeof tool === 'object' && tool !== null && isFunction(tool))
  return areFunctions && upstream().readsCalls
}

/** Of optional tools, where no server could be asked instead. */
function mayBeLeftOut(choice: unknown, upstream: FieldContext['upstream']): boolean {
  return isOptional(choice) && upstream().passthrough === null
}

function isOptional(choice: unknown): boolean {
  return choice == null || choice === 'auto' || choice === 'none'
}

interface ToolRules {
  readonly tool_choice?: unknown
  readonly parallel_tool_calls?: boolean | null | undefined
}

/** What a request offers; null for nothing. */
export function offeredTools(
  functions: readonly WireFunction[],
  { tool_choice: choice, parallel_tool_calls: parallel }: ToolRules,
): { readonly tools: OfferedTools } | null {
  if (functions.length === 0) return null
  const tools = functions.map((called): ChatTool => ({ type: 'function', function: described(called) }))
  return { tools: { tools, choice: choice === 'none' ? 'none' : 'auto', parallel: parallel !== false } }
}

/** As it was sent, for the template to show: also fields that are not known here. */
function described(called: WireFunction): ChatTool['function'] {
  const said = Object.entries(called).filter(([, value]) => value !== null && value !== undefined)
  return { ...Object.fromEntries(said), name: called.name }
}
