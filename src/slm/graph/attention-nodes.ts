import type { ModelShape } from '../weights/model-shape.ts'
import { CONTRIB_DOMAIN, type OnnxGraph } from './onnx-graph.ts'

/**
 * Attention sums over the past, which ends at a multiple of this many tokens, and over
 * the window that follows, whose size is fixed. Where a sum is cut then depends on a
 * token's position alone, never on how many tokens were fed together: every chunking
 * gives the same bits, which int8 activations would otherwise blow up to visible noise.
 */
export const WINDOW_TOKENS = 64

/** What the layers of one stream share that see equally far. */
interface Sight {
  /**
   * Additive. Where all of the past is seen, [past rows]: hides the stand-in row that an empty past has,
   * since the kernel cannot take none. Where the latest tokens are, [new rows * group + companion rows, past
   * rows].
   */
  readonly pastMask: string
  /** Additive, [new rows * group + companion rows, columns]: which columns each query sees. */
  readonly windowMask: string
  /** [2]: past rows, columns. */
  readonly spans: string
  /** The names of the sizes of its past, and of the past and the window's columns. */
  readonly past: string
  readonly all: string
}

/** What every layer's attention of one stream shares. */
export interface StreamInputs {
  readonly stream: number
  /** Names of sizes: its query rows with their companions, and the window's columns. */
  readonly queries: string
  readonly columns: string
  /**
   * [columns], a multiple of WINDOW_TOKENS: which row each column of the window shows, of
   * those that the cache holds after the past, the new ones and a row of zeros. Branches
   * of a tree stand in blocks of their own.
   */
  readonly windowColumns: string
  /** A row of zeros, for columns that show none. */
  readonly zeroRow: string
  /** Of layers that see all tokens, and of those that see the latest; null where there are none. */
  readonly far: Sight | null
  readonly near: Sight | null
}

/** Declares the inputs of one stream: what each of its rows sees of the past and of the window. */
export function streamInputs(
  graph: OnnxGraph,
  shape: Pick<ModelShape, 'locality' | 'layers'>,
  { stream, zeroRow }: { readonly stream: number; readonly zeroRow: string },
): StreamInputs {
  const { locality } = shape
  const columns = `columns_${stream}`
  const queries = `queries_${stream}`
  const sight = (kind: string, pastMask: (past: string) => string[]): Sight => {
    const past = `${kind}past_${stream}`
    return {
      past,
      all: `all_${past}`,
      pastMask: graph.input(`${kind}past_mask_${stream}`, 'float32', pastMask(past)),
      windowMask: graph.input(`${kind}window_mask_${stream}`, 'float32', [queries, columns]),
      spans: graph.input(`${kind}spans_${stream}`, 'int64', [2]),
    }
  }
  return {
    stream,
    queries,
    columns,
    windowColumns: graph.input(`window_columns_${stream}`, 'int64', [columns]),
    zeroRow,
    far: locality?.layers.every(Boolean) ? null : sight('', (past) => [past]),
    near: locality?.layers.some(Boolean) ? sight('near_', (past) => [queries, past]) : null,
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
  const { kvHeads, headDim, locality } = shape
  const sight = (locality?.layers[layer] ? inputs.near : inputs.far) as Sight
  const alone = companionRows(shape) === 1
  const slice = (value: string, [from, to, axis]: readonly [number, number, number]) =>
    graph.node('Slice', [value, graph.constant([from]), graph.constant([to]), graph.constant([axis])])
  const query = alone
    ? graph.sized(
        graph.node('Concat', [rows.query, slice(rows.query, [0, 1, 0])], { attributes: { axis: 0 } }),
        [inputs.queries, kvHeads, headDim],
      )
    : rows.query
  const cached = (name: string, rows: string) =>
    graph.input(`${name}_${layer}_${inputs.stream}`, 'float32', [rows, kvHeads, headDim])
  const window = (name: string, added: string) => {
    const known = graph.sized(
      graph.node('Concat', [cached(name, `window_${inputs.stream}`), added, inputs.zeroRow], {
        attributes: { axis: 0 },
      }),
      [`known_${inputs.stream}`, kvHeads, headDim],
    )
    return graph.node('Gather', [known, inputs.windowColumns], { attributes: { axis: 0 } })
  }
  const scores = (key: string, mask: string) =>
    graph.node('Add', [productOfHeads(graph, shape, { query, key }), mask])
  const weighted = (probabilities: string, value: string) =>
    graph.node('FusedMatMul', [probabilities, value], {
      domain: CONTRIB_DOMAIN,
      attributes: { transBatchB: 1 },
    })
  const ofPast = scores(cached('past_key', sight.past), sight.pastMask)
  const ofWindow = scores(window('window_key', rows.key), sight.windowMask)
  const all = graph.node('Concat', [ofPast, ofWindow], { attributes: { axis: 2 } })
  graph.sized(all, [kvHeads, inputs.queries, sight.all])
  const probabilities = graph.node('Softmax', [all], { attributes: { axis: 2 } })
  const [pastShare = '', windowShare = ''] = graph.nodes('Split', [probabilities, sight.spans], 2, {
    attributes: { axis: 2 },
  })
  graph.sized(pastShare, [kvHeads, inputs.queries, sight.past])
  graph.sized(windowShare, [kvHeads, inputs.queries, inputs.columns])
  const attended = graph.node('Add', [
    weighted(pastShare, cached('past_value', sight.past)),
    weighted(windowShare, window('window_value', rows.value)),
  ])
  return alone ? slice(attended, [0, -1, 1]) : attended
}

/** Longer sums are cut by the kernel, where depends on how many rows there are. */
const MOST_SUMMED = 128

/** Queries times keys, [kvHeads, queries, keys]: wide heads in equal parts, whose products are added up. */
function productOfHeads(
  graph: OnnxGraph,
  { kvHeads, headDim }: Pick<ModelShape, 'kvHeads' | 'headDim'>,
  { query, key }: { readonly query: string; readonly key: string },
): string {
  let parts = Math.ceil(headDim / MOST_SUMMED)
  while (headDim % parts !== 0) parts++
  const cut = (rows: string) => {
    if (parts === 1) return rows
    return graph.node('Reshape', [rows, graph.constant([0, kvHeads * parts, headDim / parts])])
  }
  const products = graph.node('FusedMatMul', [cut(query), cut(key)], {
    domain: CONTRIB_DOMAIN,
    attributes: { transB: 1, transBatchA: 1, transBatchB: 1 },
  })
  if (parts === 1) return products
  const [end, axis, step] = [kvHeads * parts, 0, parts].map((value) => graph.constant([value])) as [
    string,
    string,
    string,
  ]
  const sliced = Array.from({ length: parts }, (_, part) =>
    graph.node('Slice', [products, graph.constant([part]), end, axis, step]),
  )
  return sliced.reduce((sum, product) => graph.node('Add', [sum, product]))
}
