import type { BlockFormat } from './block-format.ts'

/** Where a tensor lies and how. `shape` is slowest dimension first, as in NumPy. */
export interface TensorEntry {
  readonly shape: readonly number[]
  readonly typeName: string
  /** Null when this program cannot read the type. */
  readonly format: BlockFormat | null
  readonly values: number
  /** The file that holds it, and where in it. */
  readonly file: string
  readonly offsetBytes: number
  /** What is added to each value; 0 where the file has them as they are computed with. */
  readonly added?: number
}

/** Keys and values that describe a model, as stored; the reader of a key checks its type. */
export type ModelMetadata = Readonly<Record<string, unknown>>

/**
 * What a model's files say, whichever form they have, in the words of GGUF: that is the form which names
 * every part of every family.
 */
export interface ModelSource {
  /** The file or folder, for people. */
  readonly path: string
  /** Those that hold tensors. */
  readonly files: readonly string[]
  readonly metadata: ModelMetadata
  readonly tensors: ReadonlyMap<string, TensorEntry>
  /** Tensors of GGUF that this form has as numbers of its configuration. */
  readonly computed: ReadonlyMap<string, Float32Array>
  /** How heads of queries and keys have their rows: as GGUF files of the family, or in two halves. */
  readonly rotaryLayout: 'of-family' | 'halves'
  /** What the files call a tensor, for people. */
  readonly nameInFiles: (name: string) => string
  /** Which file of the same model can be read where a type of this one cannot. */
  readonly instead: string
}
