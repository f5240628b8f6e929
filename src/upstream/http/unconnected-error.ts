import { GatewayError } from '../../gateway-error.ts'

/** No connection came about or was tried, so that the server has seen nothing of the request. */
export class UnconnectedError extends GatewayError {
  constructor(message: string, options: { readonly retryAfterSeconds?: number } = {}) {
    super('upstream_unreachable', message, options)
  }
}

const codes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** Whether a failure with this code came before anything was sent. */
export function isUnconnected(code: string): boolean {
  return codes.has(code)
}
