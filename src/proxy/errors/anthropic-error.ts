import { z } from '@hono/zod-openapi'
import type { ErrorEnvelope } from './error-schema.ts'
import { type ErrorKind, errorTable } from './error-table.ts'

/** Anthropic's error envelope. `param` and `code` are ours, and clients skip them. */
export const anthropicErrorSchema = z
  .object({
    type: z.literal('error'),
    error: z.object({
      type: z.string(),
      message: z.string(),
      param: z.string().nullable(),
      code: z.string(),
    }),
  })
  .openapi('MessageError')

/** What a route's description says of every response that is no success. */
export const anthropicRefusal = {
  description: 'A refusal or failure.',
  content: { 'application/json': { schema: anthropicErrorSchema } },
}

/** What Anthropic calls a refusal of that status. */
const types: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
}

/** The same failure in Anthropic's form. */
export function anthropicError({
  error: { message, param, code },
}: ErrorEnvelope): z.infer<typeof anthropicErrorSchema> {
  const kind: ErrorKind | undefined = errorTable[code as keyof typeof errorTable]
  const { status = 500 } = kind ?? {}
  const type = types[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error')
  return { type: 'error', error: { type, message, param, code } }
}
