import type { ModelWeights } from '../gguf/model-weights.ts'

/**
 * Cosines and sines of the rotary position embedding, each [contextTokens, headDim / 2],
 * in the two-halves layout.
 */
export interface RotaryTables {
  readonly cosine: Float32Array
  readonly sine: Float32Array
}

/**
 * The tables for every position of the window, with the frequency factors of models that
 * were stretched to it.
 */
export async function rotaryTables(weights: ModelWeights): Promise<RotaryTables> {
  const { headDim, ropeTheta, contextTokens } = weights.shape
  const half = headDim / 2
  const factors = weights.has('rope_freqs.weight') ? await weights.read('rope_freqs.weight') : null
  const cosine = new Float32Array(contextTokens * half)
  const sine = new Float32Array(contextTokens * half)
  for (let pair = 0; pair < half; pair++) {
    const frequency = ropeTheta ** ((-2 * pair) / headDim) / (factors?.[pair] ?? 1)
    for (let position = 0; position < contextTokens; position++) {
      cosine[position * half + pair] = Math.cos(position * frequency)
      sine[position * half + pair] = Math.sin(position * frequency)
    }
  }
  return { cosine, sine }
}
