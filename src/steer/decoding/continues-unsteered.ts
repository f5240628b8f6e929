import { GatewayError } from '../../gateway-error.ts'
import type { SteeringSettings } from './decode.ts'

/**
 * Whether an answer goes on unsteered after the local model failed with `reason`. A full local window always
 * does: cutting the answer there would tell the upstream how long the private prompt is. So does an answer
 * that can afford no more steering.
 */
export function continuesUnsteered(reason: unknown, { onLocalFailure }: SteeringSettings): boolean {
  const code = reason instanceof GatewayError ? reason.code : null
  const isMeant = code === 'context_length_exceeded' || code === 'budget_spent'
  return isMeant || onLocalFailure === 'continue-unsteered'
}
