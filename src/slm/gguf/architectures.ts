/**
 * What sets an architecture apart from the others, as far as graphs are built for it. All share, and a file that says
 * otherwise is refused: RMS norms before attention and before the feed-forward part, grouped queries, whole heads rotated
 * without scaling, SwiGLU, no experts. What a file shows by having a tensor or not is no field: biases of queries, keys and
 * values; an output head beside the embedding; frequency factors of a window that was stretched.
 */
interface Architecture {
  /**
   * How the file orders the rows of a head's queries and keys, of which rotation turns two together: pairs side by side
   * (llama.cpp's converter does that to some), or the first half of the head against the second, as the graphs want them.
   */
  readonly rotaryLayout: 'interleaved' | 'halves'
}

/** The architectures of local models by GGUF's `general.architecture`. A new one is a row here; nothing else lists them. */
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
