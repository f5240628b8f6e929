import { GatewayError } from '../../gateway-error.ts'

function codeFor(status: number) {
  if (status === 429 || status === 503) return 'overloaded'
  if (status === 504) return 'upstream_timeout'
  return status === 502 ? 'upstream_unreachable' : 'upstream_refused'
}

interface RefusalOptions {
  readonly retryAfterSeconds?: number
  readonly said?: string | null
}

/** A refusal by HTTP status, so that those that pass by themselves can be told from the others. */
export class UpstreamRefusal extends GatewayError {
  /** 400 or above. */
  readonly status: number
  readonly #said: string | null

  constructor(status: number, message: string, options: RefusalOptions = {}) {
    super(codeFor(status), message, options)
    this.status = status
    this.#said = options.said ?? null
  }

  /** The server's own message, which may quote the request: to be read, never to be repeated as it is. */
  get said(): string | null {
    return this.#said
  }
}
