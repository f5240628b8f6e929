import { type AttentionRows, attentionNodes, type StreamInputs, streamInputs } from './attention-nodes.ts'
import { guessNodes } from './guess-nodes.ts'
import { MatrixNodes } from './matrix-nodes.ts'
import { CONTRIB_DOMAIN, OnnxGraph } from './onnx-graph.ts'
import type { StoredLayer, StoredVector, StoredWeights } from './stored-weights.ts'

/**
 * `logits`: one stream, its logits. `pair`: two streams, the difference of their logits and the best guesses.
 */
export type DecoderKind = 'logits' | 'pair'

export function streamCount(kind: DecoderKind): number {
  return kind === 'pair' ? 2 : 1
}

/**
 * The decoder as an ONNX graph. The rows of all streams go through every matrix together,
 * stream after stream, and part for attention only.
 *
 * Inputs: `ids`, `positions` [1, rows]; `rows`, `query_rows` [streams] (rows of each stream, and those times
 * the group size; with two streams only); `head_rows` [n] (rows that go on to the output head); per stream
 * `past_mask_S`, `window_columns_S`, `window_mask_S`, `spans_S` and per layer the cached `past_key_L_S`,
 * `past_value_L_S`, `window_key_L_S`, `window_value_L_S`; `zero_row`; `strength` [1] with two streams.
 *
 * Outputs: `new_rows` [layers * 2 * rows, kvHeads, headDim] (keys, then values, of each
 * layer); `logits` [1, n, V], or with two streams what guess-nodes.ts lists.
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
  readonly #rotary: readonly string[]
  readonly #headShape: string
  readonly #flatShape: string
  readonly #newRows: string[] = []

  constructor(weights: StoredWeights, kind: DecoderKind) {
    this.#weights = weights
    this.#kind = kind
    const { kvHeads, headDim, heads, contextTokens } = weights.shape
    const graph = this.#graph
    this.#positions = graph.input('positions', 'int64', [1, 'rows'])
    const zeroRow = graph.input('zero_row', 'float32', [1, kvHeads, headDim])
    this.#streams = Array.from({ length: streamCount(kind) }, (_, stream) =>
      streamInputs(graph, stream, zeroRow),
    )
    const table = [contextTokens, headDim / 2]
    this.#rotary = [
      graph.external('float32', table, weights.cosine),
      graph.external('float32', table, weights.sine),
    ]
    this.#headShape = graph.constant([-1, kvHeads, headDim])
    this.#flatShape = graph.constant([1, -1, heads * headDim])
  }

  build(): Uint8Array {
    const graph = this.#graph
    const { shape, layers, embedding, outputNorm, outputHead } = this.#weights
    const ids = graph.input('ids', 'int64', [1, 'rows'])
    const headRows = graph.input('head_rows', 'int64', ['head_rows'])
    if (this.#kind === 'pair') {
      graph.input('rows', 'int64', [2])
      graph.input('query_rows', 'int64', [2])
    }
    let residual = this.#matrices.embed(embedding, ids)
    let branch: string | null = null
    layers.forEach((layer, index) => {
      const before = this.#normalise(residual, branch, layer.attentionNorm)
      residual = before.sum
      branch = this.#attention(before.normalised, layer, index)
      if (index === shape.layers - 1) {
        residual = graph.node('Gather', [residual, headRows], { attributes: { axis: 1 } })
        branch = graph.node('Gather', [branch, headRows], { attributes: { axis: 1 } })
      }
      const middle = this.#normalise(residual, branch, layer.feedForwardNorm)
      residual = middle.sum
      branch = this.#feedForward(middle.normalised, layer)
    })
    const { normalised } = this.#normalise(residual, branch, outputNorm)
    const logits = this.#matrices.multiply(outputHead ?? embedding, normalised)
    const newRows = graph.node('Concat', this.#newRows, { attributes: { axis: 0 } })
    graph.output('new_rows', newRows, 'float32', ['new_rows', shape.kvHeads, shape.headDim])
    if (this.#kind === 'pair') guessNodes(graph, logits, shape.vocabularySize)
    else graph.output('logits', logits, 'float32', [1, 'head_rows', shape.vocabularySize])
    return graph.encode()
  }

  /** Adds `branch` to the residual stream, if there is one yet, and normalises the sum. */
  #normalise(residual: string, branch: string | null, weight: StoredVector) {
    const scale = this.#graph.external('float32', [weight.length], weight.values)
    const epsilon = { float: this.#weights.shape.rmsNormEpsilon }
    if (branch === null) {
      const attributes = { epsilon, axis: -1, stash_type: 1 }
      const normalised = this.#graph.node('SimplifiedLayerNormalization', [residual, scale], { attributes })
      return { normalised, sum: residual }
    }
    const outputs = this.#graph.nodes('SkipSimplifiedLayerNormalization', [residual, branch, scale], 4, {
      domain: CONTRIB_DOMAIN,
      attributes: { epsilon },
    })
    return { normalised: outputs[0] ?? '', sum: outputs[3] ?? '' }
  }

  #attention(normalised: string, layer: StoredLayer, index: number): string {
    const graph = this.#graph
    const { heads, kvHeads, headDim } = this.#weights.shape
    const projected = this.#matrices.multiply(layer.queryKeyValue, normalised, layer.queryKeyValueBias)
    const [queryKey = '', value = ''] = this.#split(projected, [
      (heads + kvHeads) * headDim,
      kvHeads * headDim,
    ])
    const rotated = graph.node('RotaryEmbedding', [queryKey, this.#positions, ...this.#rotary], {
      domain: CONTRIB_DOMAIN,
    })
    const [query = '', key = ''] = this.#split(rotated, [heads * headDim, kvHeads * headDim])
    const byHead = (flat: string) => graph.node('Reshape', [flat, this.#headShape])
    const rows = { query: byHead(query), key: byHead(key), value: byHead(value) }
    this.#newRows.push(rows.key, rows.value)
    const attended = this.#byStream(rows).map((streamRows, stream) => {
      const inputs = this.#streams[stream] as StreamInputs
      return attentionNodes(graph, this.#weights.shape, { layer: index, inputs, rows: streamRows })
    })
    const together =
      attended.length === 1
        ? (attended[0] as string)
        : graph.node('Concat', attended, { attributes: { axis: 1 } })
    const byRow = graph.node('Transpose', [together], { attributes: { perm: [1, 0, 2] } })
    const flat = graph.node('Reshape', [byRow, this.#flatShape])
    return this.#matrices.multiply(layer.attentionOutput, flat)
  }

  #byStream(rows: AttentionRows): AttentionRows[] {
    if (this.#kind === 'logits') return [rows]
    const part = (value: string, sizes: string) =>
      this.#graph.nodes('Split', [value, sizes], 2, { attributes: { axis: 0 } })
    const query = part(rows.query, 'query_rows')
    const key = part(rows.key, 'rows')
    const value = part(rows.value, 'rows')
    return [0, 1].map((stream) => ({
      query: query[stream] ?? '',
      key: key[stream] ?? '',
      value: value[stream] ?? '',
    }))
  }

  #feedForward(normalised: string, layer: StoredLayer): string {
    const { feedForward } = this.#weights.shape
    const gateUp = this.#matrices.multiply(layer.gateUp, normalised)
    const [gate = '', up = ''] = this.#split(gateUp, [feedForward, feedForward])
    const open = this.#graph.node('QuickGelu', [gate], {
      domain: CONTRIB_DOMAIN,
      attributes: { alpha: { float: 1 } },
    })
    return this.#matrices.multiply(layer.down, this.#graph.node('Mul', [open, up]))
  }

  #split(value: string, sizes: readonly number[]): string[] {
    return this.#graph.nodes('Split', [value, this.#graph.constant(sizes)], sizes.length, {
      attributes: { axis: 2 },
    })
  }
}
