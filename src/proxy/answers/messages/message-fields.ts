import { z } from '@hono/zod-openapi'
import { MAX_MESSAGES } from '../fields/conversation.ts'
import { tokenLimit } from '../fields/delivery-fields.ts'
import { harmless, honoured, honouredAs, neutral, neutralIf, shapeOf } from '../fields/field-table.ts'
import { samplingFields } from '../fields/sampling-fields.ts'
import { modelField, steeringFields } from '../fields/steering-fields.ts'
import { blockFields, blockSchema, isThought, textField } from './content-blocks.ts'
import { messageToolFields } from './message-tools.ts'

const roles = ['user', 'assistant', 'system'] as const

/** What becomes of the fields of a message. */
const turnFields = {
  role: honouredAs(z.enum(roles), { values: '`user`, `assistant`, `system`' }),
  content: honouredAs(
    z.union([z.string(), z.array(blockSchema)], { error: 'expected a string or an array of content blocks' }),
    { values: 'a string or blocks', inner: blockFields, skips: isThought },
  ),
}

const thinkingFields = {
  type: honoured(z.string(), {
    values: '`enabled` and `disabled`; others, such as `adaptive`, leave it to the model',
  }),
  budget_tokens: harmless,
  display: harmless,
}

const outputFields = {
  effort: honoured(z.string().max(32), {
    values: 'what the chat template knows, such as `low`; `none` switches thinking off',
  }),
  format: neutral(),
}

const metadataFields = {
  user_id: honoured(z.string().max(512), { values: 'string; configuration may map it to a profile' }),
}

/** What becomes of the fields of POST /v1/messages. */
export const messageFields = {
  ...modelField,
  messages: honouredAs(
    z
      .array(z.looseObject(shapeOf(turnFields)).openapi('Message'))
      .min(1)
      .max(MAX_MESSAGES),
    {
      values: `1 to ${MAX_MESSAGES}; the beginning of an answer, as a last one of the assistant, is bypassed`,
      unless: (messages) => messages.at(-1)?.role === 'assistant',
      inner: turnFields,
    },
  ),
  system: textField('a string or blocks of text: a system message ahead of the others'),
  max_tokens: honoured(tokenLimit, {
    values: 'at least 1, or -1 for no limit',
    default: 'what fits the window',
  }),
  stop_sequences: honoured(z.array(z.string()).max(16), {
    values: 'up to 16 strings; never part of the answer; empty ones count for none',
  }),
  temperature: samplingFields.temperature,
  top_p: samplingFields.top_p,
  top_k: samplingFields.top_k,
  stream: honoured(z.boolean(), { values: 'boolean', default: 'false' }),
  metadata: honoured(z.looseObject(shapeOf(metadataFields)), { values: 'object', inner: metadataFields }),
  costeer: steeringFields.costeer,
  thinking: honoured(z.looseObject(shapeOf(thinkingFields)), { values: 'object', inner: thinkingFields }),
  output_config: honoured(z.looseObject(shapeOf(outputFields)), { values: 'object', inner: outputFields }),
  ...messageToolFields,
  cache_control: harmless,
  diagnostics: harmless,
  inference_geo: harmless,
  service_tier: harmless,
  speed: harmless,
  user_profile_id: harmless,
  workspace_id: harmless,
  container: neutral(),
  context_management: neutralIf('edits of thoughts alone', editsThoughtsAlone),
  mcp_servers: neutral([]),
}

/** Earlier thoughts are left out anyway. */
function editsThoughtsAlone(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { edits, ...others } = value as Record<string, unknown>
  if (Object.keys(others).length > 0 || !Array.isArray(edits)) return false
  return edits.every(({ type }) => typeof type === 'string' && type.startsWith('clear_thinking_'))
}

/** The body of POST /v1/messages. Fields without a schema come along as they are. */
export const messageRequestSchema = z.looseObject(shapeOf(messageFields)).openapi('MessageRequest')

export type WireMessageRequest = z.infer<typeof messageRequestSchema>

const namedUser = z.object({ metadata: z.object({ user_id: z.string().min(1).max(512) }) })

/** Who asks, in a body that need not be checked. */
export function messageUser(sent: object): string | undefined {
  return namedUser.safeParse(sent).data?.metadata.user_id
}
