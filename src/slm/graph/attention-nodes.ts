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

interface ZeroRows {
  readonly key: string
  readonly value: string
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
  /** Rows of zeros, [1, ...rowSizes], for columns that show none. */
  readonly zeroRows: ZeroRows
  /** Of layers that see all tokens, and of those that see the latest; null where there are none. */
  readonly far: Sight | null
  readonly near: Sight | null
}

/** Declares the inputs of one stream: what each of its rows sees of the past and of the window. */
export function streamInputs(
  graph: OnnxGraph,
  shape: Pick<ModelShape, 'locality' | 'layers'>,
  { stream, zeroRows }: { readonly stream: number; readonly zeroRows: ZeroRows },
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
    zeroRows,
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

/** Queries times keys sum over a head's width. Longer sums are cut where the number of rows decides. */
const MOST_SUMMED_WIDTH = 128

/**
 * Columns of the values that are computed together. The kernel cuts sums over tokens at
 * VALUE_SUMS where a product has no more columns than these, and elsewhere at a length that
 * depends on how it shares the columns out among threads, which these are too few for.
 */
const VALUE_COLUMNS = 16
const VALUE_SUMS = 1024

/** How many blocks of WINDOW_TOKENS the kernel sums over in one go; beyond, it would add up partial sums. */
export const MOST_WINDOW_BLOCKS = VALUE_SUMS / WINDOW_TOKENS

/** How a row of keys or queries, and one of values, is cut into parts that are multiplied by themselves. */
export function rowSizes({ kvHeads, headDim }: Pick<ModelShape, 'kvHeads' | 'headDim'>) {
  const cut = (widest: number) => {
    let parts = Math.ceil(headDim / widest)
    while (headDim % parts !== 0) parts++
    return [kvHeads, parts, headDim / parts] as const
  }
  return { key: cut(MOST_SUMMED_WIDTH), value: cut(VALUE_COLUMNS) }
}

export interface AttentionRows {
  /** [new rows * group, ...rowSizes.key] */
  readonly query: string
  /** [new rows, ...rowSizes.key] */
  readonly key: string
  /** [new rows, ...rowSizes.value] */
  readonly value: string
}

/**
 * One stream's attention in one layer, [kvHeads, value parts, new rows * group, value columns]. Past rows
 * are read where they lie.
 */
export function attentionNodes(
  graph: OnnxGraph,
  shape: ModelShape,
  options: { readonly layer: number; readonly inputs: StreamInputs; readonly rows: AttentionRows },
): string {
  const { layer, inputs, rows } = options
  const { kvHeads, locality } = shape
  const sizes = rowSizes(shape)
  const sight = (locality?.layers[layer] ? inputs.near : inputs.far) as Sight
  const alone = companionRows(shape) === 1
  const slice = (value: string, [from, to, axis]: readonly [number, number, number]) =>
    graph.node('Slice', [value, graph.constant([from]), graph.constant([to]), graph.constant([axis])])
  const query = alone
    ? graph.sized(
        graph.node('Concat', [rows.query, slice(rows.query, [0, 1, 0])], { attributes: { axis: 0 } }),
        [inputs.queries, ...sizes.key],
      )
    : rows.query
  const cached = (part: 'past' | 'window', kind: 'key' | 'value', rows: string) =>
    graph.input(`${part}_${kind}_${layer}_${inputs.stream}`, 'float32', [rows, ...sizes[kind]])
  const window = (kind: 'key' | 'value') => {
    const held = cached('window', kind, `window_${inputs.stream}`)
    const known = graph.sized(
      graph.node('Concat', [held, rows[kind], inputs.zeroRows[kind]], { attributes: { axis: 0 } }),
      [`known_${inputs.stream}`, ...sizes[kind]],
    )
    return graph.node('Gather', [known, inputs.windowColumns], { attributes: { axis: 0 } })
  }
  const scores = (key: string, mask: string) =>
    graph.node('Add', [productOfHeads(graph, sizes.key, { query, key }), mask])
  const weighted = (probabilities: string, value: string) =>
    graph.node('FusedMatMul', [probabilities, value], {
      domain: CONTRIB_DOMAIN,
      attributes: { transBatchB: 1 },
    })
  const ofPast = scores(cached('past', 'key', sight.past), sight.pastMask)
  const ofWindow = scores(window('key'), sight.windowMask)
  const all = graph.node('Concat', [ofPast, ofWindow], { attributes: { axis: 3 } })
  graph.sized(all, [kvHeads, 1, inputs.queries, sight.all])
  const probabilities = graph.node('Softmax', [all], { attributes: { axis: 3 } })
  const [pastShare = '', windowShare = ''] = graph.nodes('Split', [probabilities, sight.spans], 2, {
    attributes: { axis: 3 },
  })
  graph.sized(pastShare, [kvHeads, 1, inputs.queries, sight.past])
  graph.sized(windowShare, [kvHeads, 1, inputs.queries, inputs.columns])
  const attended = graph.node('Add', [
    weighted(pastShare, cached('past', 'value', sight.past)),
    weighted(windowShare, window('value')),
  ])
  return alone ? slice(attended, [0, -1, 2]) : attended
}

/** Queries times keys, [kvHeads, 1, queries, keys]: the products of wide heads' parts are added up. */
function productOfHeads(
  graph: OnnxGraph,
  [, parts]: readonly [number, number, number],
  { query, key }: { readonly query: string; readonly key: string },
): string {
  const products = graph.node('FusedMatMul', [query, key], {
    domain: CONTRIB_DOMAIN,
    attributes: { transB: 1, transBatchA: 1, transBatchB: 1 },
  })
  if (parts === 1) return products
  const widths = graph.constant(Array<number>(parts).fill(1))
  const ofParts = graph.nodes('Split', [products, widths], parts, { attributes: { axis: 1 } })
  return ofParts.reduce((sum, product) => graph.node('Add', [sum, product]))
}
