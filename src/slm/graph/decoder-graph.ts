import { familyOf } from '../families/families.ts'
import {
  type AttentionRows,
  attentionNodes,
  rowSizes,
  type StreamInputs,
  streamInputs,
} from './attention-nodes.ts'
import { guessNodes } from './guess-nodes.ts'
import { MatrixNodes } from './matrix-nodes.ts'
import { CONTRIB_DOMAIN, OnnxGraph } from './onnx-graph.ts'
import { matricesOf, type StoredLayer, type StoredRotation, type StoredWeights } from './stored-weights.ts'
import type { StoredVector } from './weight-store.ts'

/**
 * `logits`: one stream, its logits. `pair`: two streams, the difference of their logits and the best guesses.
 * `pairs`: the same of several callers' pairs.
 */
export type DecoderKind = 'logits' | 'pair' | 'pairs'

/** Callers whose pairs go through one pass: with more, a pass takes longer in proportion. */
export const PAIRS_TOGETHER = 4

const streamCounts = { logits: 1, pair: 2, pairs: 2 * PAIRS_TOGETHER } as const

/** Streams of tokens that a graph of this kind takes at once; of several pairs, one after the other. */
export function streamCount(kind: DecoderKind): number {
  return streamCounts[kind]
}

/**
 * The decoder as an ONNX graph. The rows of all streams go through every matrix together,
 * stream after stream, and part for attention only.
 *
 * Inputs: `ids`, `positions` [1, rows]; `rows`, `query_rows` [streams] (rows of each stream, and those times
 * the group size; with several streams only); `head_rows` [n] (rows that go on to the output head, of pairs
 * those with the profile first); per stream
 * `window_columns_S`, `past_mask_S`, `window_mask_S`, `spans_S`, the last three once more with `near_` before
 * them where layers see the latest tokens only, and per layer the cached `past_key_L_S`, `past_value_L_S`,
 * `window_key_L_S`, `window_value_L_S`; `zero_key`, `zero_value`; `strengths` [n / 2, 1] of pairs.
 *
 * Outputs: `new_rows` [1, layers * 2 * rows, kvHeads * headDim] (keys, then values, of each
 * layer); `logits` [1, n, V], or of pairs what guess-nodes.ts lists.
 */
export function decoderGraph(weights: StoredWeights, kind: DecoderKind): Uint8Array {
  return new DecoderGraph(weights, kind).build()
}

class DecoderGraph {
  readonly #graph = new OnnxGraph()
  readonly #matrices = new MatrixNodes(this.#graph)
  readonly #weights: StoredWeights
  readonly #kind: DecoderKind
  readonly #streams: readonly StreamInputs[]
  readonly #positions: string
  /** The cosines and sines of each rotation. */
  readonly #rotaries = new Map<StoredRotation, readonly string[]>()
  readonly #sizes: ReturnType<typeof rowSizes>
  readonly #headShapes: { readonly key: string; readonly value: string }
  readonly #flatShape: string
  readonly #newRows: string[] = []
  /**
   * Whether a row that nobody reads runs along at the end. The 4-bit kernel takes a single row another way,
   * which rounds differently, and without AVX-512 gets zero points wrong: a pair never has one, a stream by
   * itself may.
   */
  readonly #companion: boolean

  constructor(weights: StoredWeights, kind: DecoderKind) {
    this.#weights = weights
    this.#kind = kind
    this.#companion = kind === 'logits' && matricesOf(weights).some(({ precision }) => precision === 4)
    const { headDim, heads } = weights.shape
    const graph = this.#graph
    this.#sizes = rowSizes(weights.shape)
    this.#positions = graph.input('positions', 'int64', [1, 'rows'])
    const zeroRows = {
      key: graph.input('zero_key', 'float32', [1, ...this.#sizes.key]),
      value: graph.input('zero_value', 'float32', [1, ...this.#sizes.value]),
    }
    this.#streams = Array.from({ length: streamCount(kind) }, (_, stream) =>
      streamInputs(graph, weights.shape, { stream, zeroRows }),
    )
    const { key, value } = this.#sizes
    this.#headShapes = { key: graph.constant([-1, ...key]), value: graph.constant([-1, ...value]) }
    this.#flatShape = graph.constant([1, -1, heads * headDim])
  }

  build(): Uint8Array {
    const graph = this.#graph
    const { shape, layers, embedding, outputNorm, outputHead } = this.#weights
    const ids = graph.input('ids', 'int64', [1, 'rows'])
    const headRows = graph.input('head_rows', 'int64', ['head_rows'])
    const streams = this.#streams.length
    if (streams > 1) {
      graph.input('rows', 'int64', [streams])
      graph.input('query_rows', 'int64', [streams])
    }
    let residual = this.#scaled(this.#matrices.embed(embedding, this.#accompanied(ids)), shape.embeddingScale)
    let branch: string | null = null
    const lastRows = this.#companion
      ? graph.node('Concat', [headRows, graph.constant([0])], { attributes: { axis: 0 } })
      : headRows
    layers.forEach((layer, index) => {
      const before = this.#add(residual, branch, layer.attentionNorm)
      residual = before.sum
      branch = this.#attention(before.normalised, layer, index)
      if (index === shape.layers - 1) {
        residual = graph.node('Gather', [residual, lastRows], { attributes: { axis: 1 } })
        branch = graph.node('Gather', [branch, lastRows], { attributes: { axis: 1 } })
      }
      branch = this.#normalise(branch, layer.attentionResultNorm)
      const middle = this.#add(residual, branch, layer.feedForwardNorm)
      residual = middle.sum
      branch = this.#normalise(this.#feedForward(middle.normalised, layer), layer.feedForwardResultNorm)
    })
    const { normalised } = this.#add(residual, branch, outputNorm)
    const head = outputHead ?? embedding
    const product =
      head.precision === 4
        ? this.#alone(this.#matrices.multiply(head, normalised))
        : this.#matrices.multiply(head, this.#alone(normalised))
    const logits = this.#capped(product)
    const newRows = graph.node('Concat', this.#newRows, { attributes: { axis: 1 } })
    graph.output('new_rows', newRows, 'float32', [1, 'new_rows', shape.kvHeads * shape.headDim])
    if (this.#kind === 'logits')
      graph.output('logits', logits, 'float32', [1, 'head_rows', shape.vocabularySize])
    else guessNodes(graph, logits, shape.vocabularySize)
    return graph.encode()
  }

  /** [1, rows, ...] with the companion, if there is one: the first row once more. */
  #accompanied(values: string): string {
    return this.#companion
      ? this.#graph.node('Concat', [values, this.#rows(values, 0, 1)], { attributes: { axis: 1 } })
      : values
  }

  /** The rows without the companion. */
  #alone(values: string): string {
    return this.#companion ? this.#rows(values, 0, -1) : values
  }

  #rows(values: string, from: number, to: number): string {
    const bounds = [from, to, 1].map((value) => this.#graph.constant([value]))
    return this.#graph.node('Slice', [values, ...bounds])
  }

  /** Adds `branch` to the residual stream, if there is one yet, and normalises the sum. */
  #add(residual: string, branch: string | null, norm: StoredVector | null) {
    if (branch === null) return { normalised: this.#normalise(residual, norm), sum: residual }
    if (norm === null) {
      const sum = this.#graph.node('Add', [residual, branch])
      return { normalised: sum, sum }
    }
    const scale = this.#graph.external('float32', [norm.length], norm.values)
    const outputs = this.#graph.nodes('SkipSimplifiedLayerNormalization', [residual, branch, scale], 4, {
      domain: CONTRIB_DOMAIN,
      attributes: { epsilon: this.#epsilon },
    })
    return { normalised: outputs[0] ?? '', sum: outputs[3] ?? '' }
  }

  /** The values as they are where there is no norm. */
  #normalise(values: string, norm: StoredVector | null): string {
    if (norm === null) return values
    return this.#rootMeanSquare(values, this.#graph.external('float32', [norm.length], norm.values))
  }

  #rootMeanSquare(values: string, scale: string): string {
    const attributes = { epsilon: this.#epsilon, axis: -1, stash_type: 1 }
    return this.#graph.node('SimplifiedLayerNormalization', [values, scale], { attributes })
  }

  get #epsilon() {
    return { float: this.#weights.shape.rmsNormEpsilon }
  }

  #scaled(values: string, factor: number): string {
    return factor === 1 ? values : this.#graph.node('Mul', [values, this.#graph.scalar(factor)])
  }

  /** The norm before the output head has divided by the cap already. */
  #capped(logits: string): string {
    const { logitCap } = this.#weights.shape
    return logitCap === null ? logits : this.#scaled(this.#graph.node('Tanh', [logits]), logitCap)
  }

  #attention(normalised: string, layer: StoredLayer, index: number): string {
    const graph = this.#graph
    const { heads, kvHeads, headDim } = this.#weights.shape
    const projected = this.#alone(
      this.#matrices.multiply(layer.queryKeyValue, normalised, layer.queryKeyValueBias),
    )
    const [raw = '', value = ''] = this.#split(projected, [(heads + kvHeads) * headDim, kvHeads * headDim])
    const rotated = this.#rotated(this.#normalisedHeads(raw, layer.queryKeyNorm), layer.rotary)
    const [query = '', key = ''] = this.#split(rotated, [heads * headDim, kvHeads * headDim])
    this.#newRows.push(key, value)
    const byHead = (flat: string, kind: 'key' | 'value', size: string) =>
      graph.sized(graph.node('Reshape', [flat, this.#headShapes[kind]]), [size, ...this.#sizes[kind]])
    const rows = {
      query: byHead(query, 'key', 'queries'),
      key: byHead(key, 'key', 'rows'),
      value: byHead(value, 'value', 'rows'),
    }
    const attended = this.#byStream(rows).map((streamRows, stream) => {
      const inputs = this.#streams[stream] as StreamInputs
      return attentionNodes(graph, this.#weights.shape, { layer: index, inputs, rows: streamRows })
    })
    const together =
      attended.length === 1
        ? (attended[0] as string)
        : graph.node('Concat', attended, { attributes: { axis: 2 } })
    const [, parts, columns] = this.#sizes.value
    graph.sized(together, [kvHeads, parts, 'queries', columns])
    const byRow = graph.node('Transpose', [together], { attributes: { perm: [2, 0, 1, 3] } })
    const flat = graph.sized(graph.node('Reshape', [byRow, this.#flatShape]), [1, 'rows', heads * headDim])
    return this.#matrices.multiply(layer.attentionOutput, this.#accompanied(flat), layer.attentionOutputBias)
  }

  /** Queries and keys, [1, rows, (heads + kvHeads) * headDim], each head normalised or all as one. */
  #normalisedHeads(queryKey: string, norm: StoredVector | null): string {
    if (norm === null) return queryKey
    const graph = this.#graph
    const { heads, kvHeads, headDim, family } = this.#weights.shape
    const sizes = [heads * headDim, kvHeads * headDim]
    if (familyOf(family).queryKeyNorm === 'whole') {
      const flat = graph.external('float32', [norm.length], norm.values)
      const scales = graph.nodes('Split', [flat, graph.constant(sizes)], 2, { attributes: { axis: 0 } })
      const parts = this.#split(queryKey, sizes)
      const normalised = parts.map((part, at) => this.#rootMeanSquare(part, scales[at] ?? ''))
      return graph.node('Concat', normalised, { attributes: { axis: 2 } })
    }
    const byHead = graph.node('Reshape', [queryKey, graph.constant([1, -1, heads + kvHeads, headDim])])
    const scales = graph.external('float32', [heads + kvHeads, headDim], norm.values)
    const normalised = this.#rootMeanSquare(byHead, graph.ones(headDim))
    const flat = graph.constant([1, -1, (heads + kvHeads) * headDim])
    return graph.node('Reshape', [graph.node('Mul', [normalised, scales]), flat])
  }

  #rotated(queryKey: string, rotary: StoredRotation | null): string {
    if (rotary === null) return queryKey
    const { heads, kvHeads, headDim } = this.#weights.shape
    const partly = { rotary_embedding_dim: rotary.dimensions, num_heads: heads + kvHeads }
    return this.#graph.node('RotaryEmbedding', [queryKey, this.#positions, ...this.#tables(rotary)], {
      domain: CONTRIB_DOMAIN,
      attributes: rotary.dimensions === headDim ? {} : partly,
    })
  }

  #tables(rotary: StoredRotation): readonly string[] {
    const known = this.#rotaries.get(rotary)
    if (known !== undefined) return known
    const dimensions = [this.#weights.shape.contextTokens, rotary.dimensions / 2]
    const tables = [rotary.cosine, rotary.sine].map((table) =>
      this.#graph.external('float32', dimensions, table),
    )
    this.#rotaries.set(rotary, tables)
    return tables
  }

  #byStream(rows: AttentionRows): AttentionRows[] {
    const { length } = this.#streams
    if (length === 1) return [rows]
    const part = (kind: keyof AttentionRows, counts: string) => {
      const sizes = this.#sizes[kind === 'value' ? 'value' : 'key']
      return this.#graph
        .nodes('Split', [rows[kind], counts], length, { attributes: { axis: 0 } })
        .map((own, stream) => this.#graph.sized(own, [`${counts}_${stream}`, ...sizes]))
    }
    const query = part('query', 'query_rows')
    const key = part('key', 'rows')
    const value = part('value', 'rows')
    return this.#streams.map((_, stream) => ({
      query: query[stream] ?? '',
      key: key[stream] ?? '',
      value: value[stream] ?? '',
    }))
  }

  #feedForward(normalised: string, layer: StoredLayer): string {
    const { feedForward, family } = this.#weights.shape
    const gateUp = this.#matrices.multiply(layer.gateUp, normalised, layer.gateUpBias)
    const [gate = '', up = ''] = this.#split(gateUp, [feedForward, feedForward])
    const open =
      familyOf(family).activation === 'gelu'
        ? this.#graph.node('FastGelu', [gate], { domain: CONTRIB_DOMAIN })
        : this.#graph.node('QuickGelu', [gate], {
            domain: CONTRIB_DOMAIN,
            attributes: { alpha: { float: 1 } },
          })
    return this.#matrices.multiply(layer.down, this.#graph.node('Mul', [open, up]), layer.downBias)
  }

  #split(value: string, sizes: readonly number[]): string[] {
    return this.#graph.nodes('Split', [value, this.#graph.constant(sizes)], sizes.length, {
      attributes: { axis: 2 },
    })
  }
}
