import { HTTPException } from 'hono/http-exception'
import { GatewayError } from '../../gateway-error.ts'
import type { ErrorEnvelope } from './error-schema.ts'
import { type ErrorCode, type ErrorKind, errorTable } from './error-table.ts'
import { ProxyError } from './proxy-error.ts'

export interface ErrorReply {
  readonly code: ErrorCode
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: ErrorEnvelope
}

const BUG = 'The gateway failed unexpectedly. Its log has an entry with the x-request-id of this response.'

/** Turns anything thrown into OpenAI's envelope. Errors that are no refusal of ours lose their message. */
export function errorReply(error: unknown): ErrorReply {
  if (error instanceof GatewayError) {
    return reply(error.code, error.message, error.param, error.retryAfterSeconds)
  }
  if (error instanceof ProxyError) return reply(error.code, error.message)
  if (error instanceof HTTPException && error.status === 400) {
    return reply('malformed_request', 'The request body is not valid JSON.')
  }
  if (error instanceof HTTPException && error.status === 415) {
    return reply('unsupported_media_type', 'Send the request body with content-type: application/json.')
  }
  return reply('internal_error', BUG)
}

function reply(
  code: ErrorCode,
  message: string,
  param: string | null = null,
  retryAfterSeconds: number | null = null,
): ErrorReply {
  const { status, type, retry }: ErrorKind = errorTable[code]
  const headers: Record<string, string> = {}
  if (retryAfterSeconds !== null) headers['retry-after'] = String(Math.ceil(retryAfterSeconds))
  if (status >= 500) headers['x-should-retry'] = String(retry)
  if (status === 401) headers['www-authenticate'] = 'Bearer'
  return { code, status, headers, body: { error: { message, type, param, code } } }
}
