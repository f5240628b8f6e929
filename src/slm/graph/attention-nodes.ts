import type { ModelShape } from '../gguf/model-shape.ts'
import { CONTRIB_DOMAIN, type OnnxGraph } from './onnx-graph.ts'

/**
 * Attention sums over the past, which ends at a multiple of this many tokens, and over
 * the window that follows, whose size is fixed. Where a sum is cut then depends on a
 * token's position alone, never on how many tokens were fed together: every chunking
 * gives the same bits, which int8 activations would otherwise blow up to visible noise.
 */
export const WINDOW_TOKENS = 64

/** What every layer's attention of one stream shares. */
export interface StreamInputs {
  readonly stream: number
  /**
   * Additive, [past rows]: hides the stand-in row that an empty past has, since the kernel cannot take none.
   */
  readonly pastMask: string
  /**
   * [columns], a multiple of WINDOW_TOKENS: which row each column of the window shows, of
   * those that the cache holds after the past, the new ones and a row of zeros. Branches
   * of a tree stand in blocks of their own.
   */
  readonly windowColumns: string
  /** Additive, [new rows * group + companion rows, columns]: which columns each query sees. */
  readonly windowMask: string
  /** [2]: past rows, columns. */
  readonly spans: string
  /** A row of zeros, for columns that show none. */
  readonly zeroRow: string
}

export function streamInputs(graph: OnnxGraph, stream: number, zeroRow: string): StreamInputs {
  return {
    stream,
    pastMask: graph.input(`past_mask_${stream}`, 'float32', [`past_${stream}`]),
    windowColumns: graph.input(`window_columns_${stream}`, 'int64', [`columns_${stream}`]),
    windowMask: graph.input(`window_mask_${stream}`, 'float32', [`queries_${stream}`, `columns_${stream}`]),
    spans: graph.input(`spans_${stream}`, 'int64', [2]),
    zeroRow,
  }
}

/**
 * Query rows beside those of the new tokens. A single row takes another path through the kernel, which rounds
 * differently; where a token has one query for each key head, a row that nobody reads keeps it company.
 */
export function companionRows({ heads, kvHeads }: Pick<ModelShape, 'heads' | 'kvHeads'>): number {
  return heads === kvHeads ? 1 : 0
}

export interface AttentionRows {
  /** [new rows * group, kvHeads, headDim] */
  readonly query: string
  /** [new rows, kvHeads, headDim] */
  readonly key: string
  readonly value: string
}

/**
 * One stream's attention in one layer, [kvHeads, new rows * group, headDim]. Past rows
 * are read where they lie.
 */
export function attentionNodes(
  graph: OnnxGraph,
  shape: ModelShape,
  options: { readonly layer: number; readonly inputs: StreamInputs; readonly rows: AttentionRows },
): string {
  const { layer, inputs, rows } = options
  const { kvHeads, headDim } = shape
  const alone = companionRows(shape) === 1
  const slice = (value: string, [from, to, axis]: readonly [number, number, number]) =>
    graph.node('Slice', [value, graph.constant([from]), graph.constant([to]), graph.constant([axis])])
  const query = alone
    ? graph.node('Concat', [rows.query, slice(rows.query, [0, 1, 0])], { attributes: { axis: 0 } })
    : rows.query
  const cached = (name: string, span: string) =>
    graph.input(`${name}_${layer}_${inputs.stream}`, 'float32', [
      `${span}_${inputs.stream}`,
      kvHeads,
      headDim,
    ])
  const window = (name: string, added: string) => {
    const known = graph.node('Concat', [cached(name, 'window'), added, inputs.zeroRow], {
      attributes: { axis: 0 },
    })
    return graph.node('Gather', [known, inputs.windowColumns], { attributes: { axis: 0 } })
  }
  const scores = (key: string, mask: string) => {
    const raw = graph.node('FusedMatMul', [query, key], {
      domain: CONTRIB_DOMAIN,
      attributes: { transB: 1, transBatchA: 1, transBatchB: 1 },
    })
    return graph.node('Add', [raw, mask])
  }
  const weighted = (probabilities: string, value: string) =>
    graph.node('FusedMatMul', [probabilities, value], {
      domain: CONTRIB_DOMAIN,
      attributes: { transBatchB: 1 },
    })
  const ofPast = scores(cached('past_key', 'past'), inputs.pastMask)
  const ofWindow = scores(window('window_key', rows.key), inputs.windowMask)
  const all = graph.node('Concat', [ofPast, ofWindow], { attributes: { axis: 2 } })
  const probabilities = graph.node('Softmax', [all], { attributes: { axis: 2 } })
  const [pastShare = '', windowShare = ''] = graph.nodes('Split', [probabilities, inputs.spans], 2, {
    attributes: { axis: 2 },
  })
  const attended = graph.node('Add', [
    weighted(pastShare, cached('past_value', 'past')),
    weighted(windowShare, window('window_value', rows.value)),
  ])
  return alone ? slice(attended, [0, -1, 1]) : attended
}
