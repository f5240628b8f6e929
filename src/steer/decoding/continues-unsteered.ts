import { GatewayError } from '../../gateway-error.ts'
import type { SteeringSettings } from './decode.ts'

/**
 * Whether an answer goes on unsteered after the local model failed with `reason`. A full local window always
 * does: cutting the answer there would tell the upstream how long the private prompt is.
 */
export function continuesUnsteered(reason: unknown, { onLocalFailure }: SteeringSettings): boolean {
  const windowFull = reason instanceof GatewayError && reason.code === 'context_length_exceeded'
  return windowFull || onLocalFailure === 'continue-unsteered'
}
