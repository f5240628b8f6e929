import type { ModelShape } from './model-shape.ts'
import type { TensorEntry } from './model-source.ts'

/** Rows of a matrix, or entries of a bias, by the name of the tensor that they would be alone. */
type Parts = readonly (readonly [name: string, rows: number])[]

/**
 * The tensors of a file, where several that it stores as one stand under their own names: queries, keys and
 * values, or the gate and what it gates.
 */
export function separateTensors(
  tensors: ReadonlyMap<string, TensorEntry>,
  { heads, kvHeads, headDim, feedForward }: Pick<ModelShape, 'heads' | 'kvHeads' | 'headDim' | 'feedForward'>,
): ReadonlyMap<string, TensorEntry> {
  const separate = new Map<string, TensorEntry>()
  for (const [name, entry] of tensors) {
    const [, prefix = '', part = '', kind = ''] =
      /^(blk\.\d+\.)(attn_qkv|ffn_up)\.(weight|bias)$/.exec(name) ?? []
    const parts: Parts =
      part === 'attn_qkv'
        ? [
            ['attn_q', heads * headDim],
            ['attn_k', kvHeads * headDim],
            ['attn_v', kvHeads * headDim],
          ]
        : [
            ['ffn_gate', feedForward],
            ['ffn_up', feedForward],
          ]
    if (part === '' || rowsOf(entry) !== parts.reduce((sum, [, rows]) => sum + rows, 0)) {
      separate.set(name, entry)
      continue
    }
    let first = 0
    for (const [own, rows] of parts) {
      separate.set(`${prefix}${own}.${kind}`, rowsFrom(entry, first, rows))
      first += rows
    }
  }
  return separate
}

function rowsOf({ shape }: TensorEntry): number {
  return shape[0] ?? 0
}

function rowsFrom(entry: TensorEntry, first: number, rows: number): TensorEntry {
  const { format, shape, offsetBytes } = entry
  const width = shape.slice(1).reduce((product, size) => product * size, 1)
  const rowBytes = format === null ? 0 : (width / format.values) * format.bytes
  return {
    ...entry,
    shape: [rows, ...shape.slice(1)],
    values: rows * width,
    offsetBytes: offsetBytes + first * rowBytes,
  }
}
