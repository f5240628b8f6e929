/**
 * Every way in which the gateway itself can fail, as one closed set of codes. Bugs are plain errors and not
 * listed. The HTTP layer holds the only table that maps a code to a status and an OpenAI error type.
 */
export type GatewayErrorCode =
  | 'config_invalid'
  | 'model_file_invalid'
  | 'model_unavailable'
  | 'profile_invalid'
  | 'profile_not_found'
  | 'local_model_failed'
  | 'upstream_unreachable'
  | 'upstream_refused'
  | 'upstream_invalid_reply'
  | 'upstream_incapable'
  | 'upstream_timeout'
  | 'vocabulary_mismatch'
  | 'invalid_request'
  | 'invalid_api_key'
  | 'model_not_found'
  | 'context_length_exceeded'
  | 'overloaded'
  | 'budget_spent'
  | 'shutting_down'

/**
 * A failure with a literal code and a sentence that says what happened, with what, and what to do. It never
 * carries prompt, profile or completion text: only codes, names of settings, ids, counts and durations.
 */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly code: GatewayErrorCode
  /** The request field or configuration key at fault, where there is one. */
  readonly param: string | null
  /** Seconds after which a retry makes sense, where the upstream named them. */
  readonly retryAfterSeconds: number | null

  constructor(
    code: GatewayErrorCode,
    message: string,
    options: { cause?: unknown; param?: string; retryAfterSeconds?: number } = {},
  ) {
    super(message, { cause: options.cause })
    this.code = code
    this.param = options.param ?? null
    this.retryAfterSeconds = options.retryAfterSeconds ?? null
  }
}
