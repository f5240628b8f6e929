import { GatewayError } from '../../gateway-error.ts'

function codeFor(status: number) {
  if (status === 429 || status === 503) return 'overloaded'
  if (status === 504) return 'upstream_timeout'
  return status === 502 ? 'upstream_unreachable' : 'upstream_refused'
}

/** A refusal by HTTP status, so that those that pass by themselves can be told from the others. */
export class UpstreamRefusal extends GatewayError {
  /** 400 or above. */
  readonly status: number

  constructor(status: number, message: string, options: { readonly retryAfterSeconds?: number } = {}) {
    super(codeFor(status), message, options)
    this.status = status
  }
}
