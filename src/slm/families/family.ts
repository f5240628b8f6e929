// Families: what sets the decoders of one family of models apart from another's. This room owns one file a
// family, which says only that, and the table of them. It must not know files, graphs or how weights are
// stored.

import type { Rotation } from './rotation.ts'

/** What a family knows of one of its models before it says what is special about it. */
export interface FamilyModel {
  readonly layers: number
  readonly hidden: number
  readonly headDim: number
  /** Prompt and answer together, in tokens, as the file says. */
  readonly contextTokens: number
  /** Positions as the file's keys describe them. */
  readonly rotation: Rotation
  /** GGUF's keys of the architecture, without its name before them. */
  readonly keys: Readonly<Record<string, unknown>>
}

/** Layers that see the latest tokens only. */
interface Locality {
  /** How many tokens they see, a token itself among them. */
  readonly tokens: number
  /** For each layer, whether it is one of them. */
  readonly layers: readonly boolean[]
}

/** What decoders of different families do differently. */
export interface DecoderTraits {
  readonly contextTokens: number
  /** How each layer's queries and keys are rotated; null where they know no positions. */
  readonly rotations: readonly (Rotation | null)[]
  /** Null when every layer sees all tokens. */
  readonly locality: Locality | null
  /** What embeddings are multiplied by. */
  readonly embeddingScale: number
  /** What the attention's and the feed-forward part's results are multiplied by before they are added. */
  readonly residualScale: number
  /** What the products of queries and keys are multiplied by. */
  readonly attentionScale: number
  /** What logits are multiplied by. */
  readonly logitScale: number
  /** Logits stay between this and its negative, by tanh; null for any size. */
  readonly logitCap: number | null
}

/**
 * What all models of a family have in common. What every family shares has no field: RMS norms, grouped
 * queries, a gated feed-forward part. A file shows by its tensors whether there are biases, an output head
 * beside the embedding, and whether matrices are stored as one.
 */
export interface Family {
  /**
   * How the file orders the rows of a head's queries and keys, of which rotation turns two together: pairs
   * side by side (llama.cpp's converter does that to some), or the first half of the head against the second,
   * as the graphs want them.
   */
  readonly rotaryLayout: 'interleaved' | 'halves'
  /** Whether norms stand before attention and the feed-forward part (the default), after them, or both. */
  readonly norms?: 'before' | 'after' | 'both'
  /** Whether queries and keys are normalised, each head by itself or all heads as one. */
  readonly queryKeyNorm?: 'none' | 'head' | 'whole'
  /** What opens the feed-forward part's gate; SiLU by default. */
  readonly activation?: 'silu' | 'gelu'
  /** Where its models are not plain. Throws ZodError for a key that it cannot use. */
  readonly traits?: (model: FamilyModel) => Partial<DecoderTraits>
}
