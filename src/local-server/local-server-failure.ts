import { GatewayError } from '../gateway-error.ts'
import { UpstreamRefusal } from '../upstream/http/upstream-refusal.ts'

/** Failures whose sentence holds nothing that the server wrote. */
const worded = new Set(['upstream_unreachable', 'upstream_timeout', 'upstream_invalid_reply'])

/**
 * A failure at the server `where` as one of the local model. Requests there hold the profile, so that nothing
 * of what the server says about one is repeated, not even as a cause. Failures of the gateway's own pass.
 */
export function localServerFailure(failure: unknown, where: string): unknown {
  if (!(failure instanceof GatewayError)) return failure
  if (failure instanceof UpstreamRefusal) {
    const message = `${where} refused a request (HTTP ${failure.status}). ${advice(failure.status)}`
    return new GatewayError('local_model_failed', message)
  }
  if (worded.has(failure.code)) return new GatewayError('local_model_failed', failure.message)
  if (failure.code === 'context_length_exceeded')
    return new GatewayError('context_length_exceeded', `${where} cannot hold a prompt of this length.`)
  if (failure.code === 'upstream_refused')
    return new GatewayError('local_model_failed', `${where} points elsewhere. Correct local.url.`)
  return failure
}

function advice(status: number): string {
  if (status === 401 || status === 403) return 'Check local.api_key_env or local.api_key_file.'
  if (status === 404) return 'Check local.url, and that it is a llama-server.'
  if (status === 429 || status === 503) return 'It is busy or still loading: try again later.'
  return 'Look at its log.'
}
