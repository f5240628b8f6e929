/**
 * All that sets one architecture apart from another. What all of them share has no field:
 * RMS norms before attention and before the feed-forward part, grouped queries, SwiGLU;
 * nor has what model-shape.ts refuses: heads rotated in part, scaled rotation, experts. A
 * file shows by its tensors whether queries, keys and values have biases, whether there
 * is an output head beside the embedding, and frequency factors of the rotation.
 */
interface Architecture {
  /**
   * How the file orders the rows of a head's queries and keys, of which rotation turns two together: pairs
   * side by side (llama.cpp's converter does that to some), or the first half of the head against the second,
   * as the graphs want them.
   */
  readonly rotaryLayout: 'interleaved' | 'halves'
}

/**
 * The architectures of local models by GGUF's `general.architecture`. A new one is a row here: no other
 * source lists them.
 */
export const architectures = {
  llama: { rotaryLayout: 'interleaved' },
  qwen2: { rotaryLayout: 'halves' },
} as const satisfies Readonly<Record<string, Architecture>>

export type ArchitectureName = keyof typeof architectures

export const architectureNames = Object.keys(architectures) as readonly ArchitectureName[]

/** `llama or qwen2`, for people. */
export const anyArchitecture = new Intl.ListFormat('en', { type: 'disjunction' }).format(architectureNames)

export function isArchitecture(name: unknown): name is ArchitectureName {
  return typeof name === 'string' && Object.hasOwn(architectures, name)
}
