import { gumbelNoise } from '../../src/steer/sampling/gumbel-noise.ts'

export interface NoiseOptions {
  /** Standard deviation of the logarithm of a duration; 0 for none. */
  readonly spread: number
  /** Share of durations that take `PAUSE` times as long, as when another program has the CPU, [0, 1]. */
  readonly pauses: number
}

const PAUSE = 6

/** Factors for durations, the same ones for every run; null when there is no noise. */
export function noise({ spread, pauses }: NoiseOptions): (() => number) | null {
  if (spread === 0 && pauses === 0) return null
  let drawn = 0
  const uniform = () => Math.exp(-Math.exp(-gumbelNoise(0, drawn++, 0)))
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
  return () => Math.exp(spread * normal()) * (uniform() < pauses ? PAUSE : 1)
}
