import type { Config } from '../../config/schema.ts'
import { ftrlStrength, paperParameters } from '../../steer/strength/ftrl-strength.ts'

/** c_T for a model pair nobody has tuned: mild, and below the best value of every pair measured so far. */
export const UNTUNED_STRENGTH = 0.5

/**
 * The strength c_T that the configuration asks for, at least 0; `tuned` is the catalogue's value for the
 * model pair.
 */
export function configuredStrength(steering: Config['steering'], tuned: number | null): number {
  if (steering.preset === 'paper') return ftrlStrength(paperParameters)
  if (steering.expert !== undefined) return ftrlStrength(steering.expert)
  return steering.strength === 'auto' ? (tuned ?? UNTUNED_STRENGTH) : steering.strength
}
