import type { SteeringState } from '../../gateway/answer.ts'

/** The value of `x-costeer-steering`: `on`, `off` or `bypassed; reason=...`. Never names the profile. */
export function steeringHeader(steering: SteeringState): string {
  if (steering.state !== 'bypassed') return steering.state
  return `bypassed; reason=${steering.reason.replace(/[^\w.[\]-]+/g, '-')}`
}
