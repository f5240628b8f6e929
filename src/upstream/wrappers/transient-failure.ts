import { GatewayError } from '../../gateway-error.ts'
import { UpstreamRefusal } from '../http/upstream-refusal.ts'

/** Whether the server asks for fewer requests. */
export function isBackPressure(error: unknown): boolean {
  return error instanceof UpstreamRefusal && (error.status === 429 || error.status === 503)
}

/** Whether the server is broken or away, which another server of the same kind need not be. */
export function isBreakdown(error: unknown): error is GatewayError {
  if (error instanceof UpstreamRefusal) return error.status >= 500
  return error instanceof GatewayError && ['upstream_unreachable', 'upstream_timeout'].includes(error.code)
}

/**
 * Whether the same request may succeed later. Silence until a time limit does not count: it has cost enough.
 */
export function isTransient(error: unknown): boolean {
  if (isBackPressure(error)) return true
  return isBreakdown(error) && (error instanceof UpstreamRefusal || error.code !== 'upstream_timeout')
}
