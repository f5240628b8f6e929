import { z } from '@hono/zod-openapi'
import { choiceFields, chunkStreamFields } from '../fields/delivery-fields.ts'
import { harmless, honoured, honouredAs, neutral, neutralIf, shapeOf } from '../fields/field-table.ts'
import { samplingFields } from '../fields/sampling-fields.ts'
import { accountFields, extensionFields } from '../fields/server-fields.ts'
import { modelField, steeringFields } from '../fields/steering-fields.ts'

const MAX_PROMPTS = 32

/** Checked as one: a schema for each of a million ids, or of what is none, takes seconds. */
const tokenIds = z
  .custom<number[]>((value) => Array.isArray(value) && value.length > 0)
  .check(({ value, issues }) => {
    const index = value.findIndex((id) => !isTokenId(id))
    if (index === -1) return
    issues.push({ code: 'custom', input: value[index], path: [index], message: 'expected a token id' })
  })
  .openapi({ type: 'array', items: { type: 'integer', minimum: 0 }, minItems: 1 })

function isTokenId(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** What becomes of the fields of POST /v1/completions. */
export const completionFields = {
  ...modelField,
  prompt: honouredAs(
    z.union(
      [
        z.string().min(1),
        z.array(z.string().min(1)).min(1).max(MAX_PROMPTS),
        tokenIds,
        z.array(tokenIds).min(1).max(MAX_PROMPTS),
      ],
      {
        error: `expected a non-empty string, token ids, or an array of at most ${MAX_PROMPTS} of either`,
      },
    ),
    {
      values: `text without a chat template, or token ids of the upstream, or up to ${MAX_PROMPTS} of either in an array; not empty`,
    },
  ),
  ...samplingFields,
  ...choiceFields,
  max_tokens: honoured(z.int().min(-1), {
    values: 'at least 1, or -1 for no limit (0, for scoring a prompt, is bypassed)',
    default: '16',
    unless: (count) => count === 0,
  }),
  logprobs: honoured(z.int().min(0).max(20), {
    values: '0 to 20 alternatives of each token, in the legacy shape',
    default: 'none',
  }),
  ...chunkStreamFields,
  ...steeringFields,
  ...accountFields,
  ...extensionFields,
  metadata: harmless,
  add_special_tokens: neutral(true),
  // The best `n` of `n` answers are all of them.
  best_of: neutralIf('1, or `n`', (value, { siblings }) => value === 1 || value === siblings.n),
  echo: neutral(false),
  prompt_embeds: neutral(),
  prompt_logprobs: neutral(),
  response_format: neutral(),
  suffix: neutral(''),
}

/** The body of POST /v1/completions. Fields without a schema come along as they are. */
export const completionRequestSchema = z.looseObject(shapeOf(completionFields)).openapi('CompletionRequest')

export type WireCompletionRequest = z.infer<typeof completionRequestSchema>
