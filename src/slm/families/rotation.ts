import { z } from 'zod'

/** How far positions are stretched beyond those that the model was first trained on. */
interface Yarn {
  readonly originalTokens: number
  /** Turns in the original window from which on a pair stays as it is, or below which it is stretched. */
  readonly fast: number
  readonly slow: number
}

/** How queries and keys are rotated by their position. */
export interface Rotation {
  readonly theta: number
  /** How many values of each head take part, from the first on. */
  readonly dimensions: number
  /** Positions are divided by this: linearly, or as YaRN does it. */
  readonly stretch: number
  readonly yarn: Yarn | null
  /** The tensor of the divisors that frequencies have of their own, where the file has it. */
  readonly divisors: string
  /** What rotated queries and keys are multiplied by. */
  readonly magnitude: number
}

const positive = z.number().positive()
const tokens = z.coerce.number().int().positive()

const rotationKeys = z.object({
  'rope.freq_base': positive.default(10_000),
  'rope.dimension_count': tokens.optional(),
  'rope.scaling.type': z.enum(['none', 'linear', 'yarn', 'longrope']).default('linear'),
  'rope.scaling.factor': z.number().min(0).optional(),
  'rope.scale_linear': z.number().min(0).optional(),
  'rope.scaling.attn_factor': positive.default(1),
  'rope.scaling.original_context_length': tokens.optional(),
  'rope.scaling.yarn_beta_fast': positive.default(32),
  'rope.scaling.yarn_beta_slow': positive.default(1),
  'rope.scaling.yarn_log_multiplier': z.number().min(0).default(0),
})

/** Reads how positions are rotated from an architecture's keys. Throws ZodError. */
export function readRotation(
  architectureKeys: Readonly<Record<string, unknown>>,
  { headDim, contextTokens }: { readonly headDim: number; readonly contextTokens: number },
): Rotation {
  const keys = rotationKeys.parse(architectureKeys)
  const type = keys['rope.scaling.type']
  const factor = keys['rope.scaling.factor'] ?? keys['rope.scale_linear'] ?? 0
  const stretch = type === 'none' || factor === 0 ? 1 : factor
  const plain: Rotation = {
    theta: keys['rope.freq_base'],
    dimensions: keys['rope.dimension_count'] ?? headDim,
    stretch,
    yarn: null,
    divisors: 'rope_freqs.weight',
    magnitude: keys['rope.scaling.attn_factor'],
  }
  if (type !== 'yarn') return plain
  const yarn = {
    originalTokens: keys['rope.scaling.original_context_length'] ?? contextTokens,
    fast: keys['rope.scaling.yarn_beta_fast'],
    slow: keys['rope.scaling.yarn_beta_slow'],
  }
  const logMultiplier = keys['rope.scaling.yarn_log_multiplier']
  const grown = yarnMagnitude(stretch, 1)
  const magnitude = logMultiplier === 0 ? grown : grown / yarnMagnitude(stretch, logMultiplier)
  return { ...plain, yarn, magnitude: magnitude * plain.magnitude }
}

/** By how much longer windows sharpen attention, as YaRN's authors found it. */
function yarnMagnitude(stretch: number, multiplier: number): number {
  return stretch <= 1 ? 1 : 0.1 * multiplier * Math.log(stretch) + 1
}
