import type { Rotation } from '../families/rotation.ts'
import type { ModelWeights } from '../weights/model-weights.ts'

/**
 * Cosines and sines of the rotary position embedding, each [contextTokens, dimensions / 2],
 * in the two-halves layout.
 */
export interface RotaryTables {
  readonly cosine: Float32Array
  readonly sine: Float32Array
}

/** The tables of a rotation for every position of the window. */
export async function rotaryTables(weights: ModelWeights, rotation: Rotation): Promise<RotaryTables> {
  const { contextTokens } = weights.shape
  const { dimensions, divisors, magnitude } = rotation
  const half = dimensions / 2
  const ofFile = weights.has(divisors) ? await weights.read(divisors) : null
  const cosine = new Float32Array(contextTokens * half)
  const sine = new Float32Array(contextTokens * half)
  for (let pair = 0; pair < half; pair++) {
    const frequency = pairFrequency(rotation, pair) / (ofFile?.[pair] ?? 1)
    for (let position = 0; position < contextTokens; position++) {
      cosine[position * half + pair] = Math.cos(position * frequency) * magnitude
      sine[position * half + pair] = Math.sin(position * frequency) * magnitude
    }
  }
  return { cosine, sine }
}

/**
 * By what angle a pair turns from one position to the next. YaRN leaves the fast pairs as they are, stretches
 * the slow ones whole, and those between in part.
 */
function pairFrequency({ theta, dimensions, stretch, yarn }: Rotation, pair: number): number {
  const plain = theta ** ((-2 * pair) / dimensions)
  if (yarn === null) return plain / stretch
  const pairWith = (turns: number) =>
    (dimensions * Math.log(yarn.originalTokens / (turns * 2 * Math.PI))) / (2 * Math.log(theta))
  const low = Math.max(0, Math.floor(pairWith(yarn.fast)))
  const high = Math.min(dimensions - 1, Math.ceil(pairWith(yarn.slow)))
  const stretched = Math.min(1, Math.max(0, (pair - low) / Math.max(0.001, high - low)))
  return plain * (1 - stretched) + (plain / stretch) * stretched
}
