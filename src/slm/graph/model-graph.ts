import type { ModelShape } from '../weights/model-shape.ts'
import type { DecoderKind } from './decoder-graph.ts'

/** What running a decoder takes to know. */
export type DecoderShape = Pick<
  ModelShape,
  'layers' | 'heads' | 'kvHeads' | 'headDim' | 'vocabularySize' | 'contextTokens' | 'locality'
>

/** A model that the runtime can load. Plain data: it can be sent to a worker. */
export type ModelGraph = BuiltGraph | ExportedGraph

/** Graphs that decoder-graph.ts has built. */
export interface BuiltGraph {
  readonly layout: 'built'
  readonly shape: DecoderShape
  readonly graphPaths: Readonly<Record<DecoderKind, string>>
}

/**
 * A graph that somebody else has exported, with `past_key_values` in and `present` out: slower, and taken as
 * it is.
 */
export interface ExportedGraph {
  readonly layout: 'exported'
  readonly shape: DecoderShape
  readonly graphPath: string
}
