import { z } from '@hono/zod-openapi'
import type { ThinkingRequest } from '../../../gateway/prompts/template-arguments.ts'
import { honoured } from './field-table.ts'

const effortSchema = z.string().max(32)
const switchSchema = z.union([z.boolean(), z.looseObject({ type: z.string() })])

/** Fields that say whether the model thinks before it answers, and how much. */
export const thinkingFields = {
  reasoning_effort: honoured(effortSchema, {
    values: 'what the chat template knows, such as `low`; `none` switches thinking off',
  }),
  chat_template_kwargs: honoured(z.record(z.string(), z.unknown()), {
    values: 'object: goes to the chat template as it is, such as `{"enable_thinking": false}`',
  }),
  enable_thinking: honoured(z.boolean(), { values: 'boolean, whatever the chat template calls it' }),
  thinking: honoured(switchSchema, {
    values: 'the same; also `{"type": "enabled"}` and `{"type": "disabled"}`',
  }),
}

type WireThinking = {
  readonly [Field in keyof typeof thinkingFields]?: z.infer<(typeof thinkingFields)[Field]['schema']>
}

/** What a request says of thinking; null for nothing. */
export function thinkingRequest(body: WireThinking): { readonly thinking: ThinkingRequest } | null {
  const { reasoning_effort: effort, chat_template_kwargs: templateKwargs } = body
  const thinks = body.enable_thinking ?? switched(body.thinking)
  const thinking: ThinkingRequest = {
    ...(thinks == null ? {} : { thinks }),
    ...(effort == null ? {} : { effort }),
    ...(templateKwargs == null ? {} : { templateKwargs }),
  }
  return Object.keys(thinking).length === 0 ? null : { thinking }
}

/** Other types, such as `auto`, leave it to the model. */
function switched(value: WireThinking['thinking']): boolean | null {
  if (value == null || typeof value === 'boolean') return value ?? null
  if (value.type === 'disabled') return false
  return value.type === 'enabled' ? true : null
}
