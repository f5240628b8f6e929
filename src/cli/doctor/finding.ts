/** The outcome of one check. Never holds any text of a profile. */
export interface Finding {
  /** What was looked at, such as `configuration` or `upstream llama-cpp`. */
  readonly check: string
  /** `warn`: the gateway runs, though not as well as it could. `fail`: it will not start or not answer. */
  readonly status: 'ok' | 'warn' | 'fail'
  /** What was found, in a sentence or several lines. */
  readonly message: string
  /** What to do about it, unless the message says it. */
  readonly fix?: string
}

/** The finding of a check that threw a known failure, whose sentence says what to change. */
export function failed(check: string, failure: unknown): Finding {
  if (failure instanceof Error && failure.name === 'GatewayError') {
    return { check, status: 'fail', message: failure.message }
  }
  throw failure
}
