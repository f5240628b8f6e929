import { z } from '@hono/zod-openapi'
import type { OfferedTools } from '../../../gateway/answer-request.ts'
import { honoured, shapeOf } from '../fields/field-table.ts'
import { functionSchema, offeredTools, offeredToolsField, type ToolForm } from '../fields/tool-fields.ts'

/** Tools of other types run at Anthropic. */
const anthropicForm: ToolForm = {
  isFunction: (tool) => !('type' in tool) || tool.type == null || tool.type === 'custom',
  isOptional: (choice) => {
    if (choice == null) return true
    if (typeof choice !== 'object' || !('type' in choice)) return false
    return choice.type === 'auto' || choice.type === 'none'
  },
}

const toolSchema = z
  .looseObject({
    type: z.string().nullish(),
    name: functionSchema.shape.name,
    description: functionSchema.shape.description,
    input_schema: functionSchema.shape.parameters,
  })
  .openapi('MessageTool')

const choiceFields = {
  type: honoured(z.string(), { values: '`auto`, `none`; others are bypassed' }),
  disable_parallel_tool_use: honoured(z.boolean(), {
    values: 'boolean: with `true`, calls behind the first are left out',
    default: 'false',
  }),
}

/** Fields that offer tools to the model. */
export const messageToolFields = {
  tools: offeredToolsField(toolSchema, anthropicForm),
  tool_choice: honoured(z.looseObject(shapeOf(choiceFields)), {
    values: 'object',
    unless: (choice) => !anthropicForm.isOptional(choice),
    isLeftOut: (choice, { siblings }) => siblings.tools == null && anthropicForm.isOptional(choice),
    inner: choiceFields,
  }),
}

type WireMessageTools = {
  readonly [Field in keyof typeof messageToolFields]?: z.infer<(typeof messageToolFields)[Field]['schema']>
}

/** What a request offers; null for nothing. */
export function offeredMessageTools({
  tools,
  tool_choice: choice,
}: WireMessageTools): { readonly tools: OfferedTools } | null {
  const functions = (tools ?? []).map(({ name, description, input_schema: parameters }) => ({
    name,
    description,
    parameters,
  }))
  const parallel = choice?.disable_parallel_tool_use !== true
  return offeredTools(functions, { tool_choice: choice?.type, parallel_tool_calls: parallel })
}
