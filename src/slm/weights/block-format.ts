/**
 * Dequantises `blocks` consecutive blocks that start at `raw[0]` into `out`, from `out[start]` on.
 * The layouts are those of ggml's `ggml-common.h`, little-endian.
 */
type BlockKernel = (raw: Uint8Array, blocks: number, out: Float32Array, start: number) => void

/** How a tensor type is stored: `values` weights in `bytes` bytes. */
export interface BlockFormat {
  readonly name: string
  readonly values: number
  readonly bytes: number
  readonly dequantise: BlockKernel
}
