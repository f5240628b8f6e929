import type { ModelShape } from '../weights/model-shape.ts'

/*
 * In the files, the query heads that share a key head lie side by side: head = keyHead * group
 * + member. The graphs want the key head innermost, member * kvHeads + keyHead, so that a row
 * of queries is already [group, kvHeads, headDim] and attention takes it without transposing.
 */

type HeadShape = Pick<ModelShape, 'heads' | 'kvHeads' | 'headDim'>

/** Where the file keeps the head that the graphs have at `head`. */
function fileHead(head: number, { heads, kvHeads }: HeadShape): number {
  const group = heads / kvHeads
  return (head % kvHeads) * group + Math.floor(head / kvHeads)
}

/** Reorders the rows (or entries of a bias) of the query projection, [heads * headDim, inputs]. */
export function permuteOutputHeads(values: Float32Array, shape: HeadShape): Float32Array {
  const length = values.length / shape.heads
  const result = new Float32Array(values.length)
  for (let head = 0; head < shape.heads; head++) {
    const from = fileHead(head, shape) * length
    result.set(values.subarray(from, from + length), head * length)
  }
  return result
}

/** Reorders the columns of the attention's output projection, [outputs, heads * headDim]. */
export function permuteInputHeads(values: Float32Array, shape: HeadShape): Float32Array {
  const width = shape.heads * shape.headDim
  const result = new Float32Array(values.length)
  for (let row = 0; row < values.length; row += width)
    for (let head = 0; head < shape.heads; head++) {
      const from = row + fileHead(head, shape) * shape.headDim
      result.set(values.subarray(from, from + shape.headDim), row + head * shape.headDim)
    }
  return result
}
