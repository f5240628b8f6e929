// This room owns how failures become OpenAI's errors: statuses, types, the envelope, and the log's entry. It
// must not know which route failed, and adds no text of a request to a message.
import type { GatewayErrorCode } from '../../gateway-error.ts'
import type { ProxyErrorCode } from './proxy-error.ts'

export type ErrorCode = GatewayErrorCode | ProxyErrorCode

export interface ErrorKind {
  readonly status: number
  /** `error.type` of OpenAI's envelope. */
  readonly type: 'invalid_request_error' | 'permission_error' | 'rate_limit_error' | 'server_error'
  /**
   * Whether the same request may succeed when sent again. OpenAI's clients repeat every 5xx by themselves
   * unless `x-should-retry: false` tells them not to.
   */
  readonly retry: boolean
}

function refusal(status: number) {
  return { status, type: 'invalid_request_error', retry: false } as const
}
function broken(status: number) {
  return { status, type: 'server_error', retry: false } as const
}
function transient(status: number) {
  return { status, type: 'server_error', retry: true } as const
}

/** The only place where a code gets its HTTP status and OpenAI error type. */
export const errorTable = {
  config_invalid: broken(500),
  model_file_invalid: broken(500),
  model_unavailable: transient(503),
  profile_invalid: broken(500),
  profile_not_found: refusal(404),
  local_model_failed: transient(500),
  upstream_unreachable: transient(502),
  upstream_refused: broken(502),
  upstream_invalid_reply: transient(502),
  upstream_incapable: broken(502),
  upstream_timeout: transient(504),
  vocabulary_mismatch: broken(500),
  invalid_request: refusal(400),
  invalid_api_key: refusal(401),
  model_not_found: refusal(404),
  context_length_exceeded: refusal(400),
  overloaded: { status: 429, type: 'rate_limit_error', retry: true },
  budget_spent: { status: 429, type: 'rate_limit_error', retry: false },
  shutting_down: transient(503),

  malformed_request: refusal(400),
  host_not_allowed: { status: 403, type: 'permission_error', retry: false },
  origin_not_allowed: { status: 403, type: 'permission_error', retry: false },
  unknown_url: refusal(404),
  method_not_allowed: refusal(405),
  request_timeout: refusal(408),
  request_too_large: refusal(413),
  unsupported_media_type: refusal(415),
  expectation_failed: refusal(417),
  headers_too_large: refusal(431),
  client_closed_request: refusal(499),
  admin_key_required: { status: 403, type: 'permission_error', retry: false },
  profile_broken: refusal(422),
  profile_exists: refusal(409),
  profile_changed: refusal(412),
  profiles_read_only: { status: 403, type: 'permission_error', retry: false },
  internal_error: broken(500),
} as const satisfies Record<ErrorCode, ErrorKind>
