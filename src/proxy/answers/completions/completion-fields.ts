import type { FieldFates } from '../unsteerable-request.ts'
import { neutralExtensions } from '../wire/steered-fields.ts'
import { completionRequestSchema } from './completion-request-schema.ts'

/** What becomes of the fields of POST /v1/completions. */
export const completionFields = {
  honoured: new Set(Object.keys(completionRequestSchema.shape)),
  harmless: new Set([
    'cache_prompt',
    'cache_salt',
    'metadata',
    'priority',
    'prompt_cache_key',
    'request_id',
    'safety_identifier',
    'service_tier',
    'store',
  ]),
  neutral: {
    ...neutralExtensions,
    add_special_tokens: (value) => value === true,
    best_of: (value) => value === 1,
    echo: (value) => value === false,
    prompt_embeds: () => false,
    prompt_logprobs: () => false,
    response_format: () => false,
    suffix: (value) => value === '',
  },
} as const satisfies FieldFates
