import { GatewayError } from '../../gateway-error.ts'

/** Refusals that only an HTTP server can make; everything else is a GatewayErrorCode. */
export type ProxyErrorCode =
  | 'malformed_request'
  | 'host_not_allowed'
  | 'origin_not_allowed'
  | 'unknown_url'
  | 'method_not_allowed'
  | 'request_timeout'
  | 'request_too_large'
  | 'unsupported_media_type'
  | 'expectation_failed'
  | 'headers_too_large'
  | 'client_closed_request'
  | 'admin_key_required'
  | 'profile_broken'
  | 'profile_exists'
  | 'profile_changed'
  | 'profiles_read_only'
  | 'internal_error'

/** A refusal of the HTTP layer itself. The message goes to the client as it is. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError'
  readonly code: ProxyErrorCode

  constructor(code: ProxyErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** The client went away; nobody reads the answer any more. */
export function clientClosedRequest(): ProxyError {
  return new ProxyError(
    'client_closed_request',
    'The client closed the connection before the answer was complete.',
  )
}

/** The failure to report for `error`, which may only be the echo of an abort. */
export function rootFailure(error: unknown, signal: AbortSignal): Error {
  if (error instanceof GatewayError || error instanceof ProxyError) return error
  const root: unknown = signal.aborted ? signal.reason : error
  return root instanceof Error
    ? root
    : new TypeError('Something that is no Error was thrown.', { cause: root })
}

/** Whether the request was given up because its client went away. */
export function isClientGone(signal: AbortSignal): boolean {
  return (
    signal.aborted && signal.reason instanceof ProxyError && signal.reason.code === 'client_closed_request'
  )
}
