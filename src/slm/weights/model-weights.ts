import type { ModelShape } from './model-shape.ts'

/**
 * A model's weights under GGUF's tensor names (`token_embd.weight`, `blk.0.attn_q.weight`,
 * `blk.0.attn_q.bias`, `blk.0.ffn_gate.weight`, `output_norm.weight`, …).
 */
export interface ModelWeights {
  readonly shape: ModelShape
  has(name: string): boolean
  /**
   * The tensor dequantised to float32, row-major, matrices as [outputs, inputs]. The rows
   * of q and k are in the two-halves rotary layout (as in Hugging Face files), whatever
   * the file holds. Rejects with GatewayError `model_file_invalid`.
   */
  read(name: string): Promise<Float32Array>
  close(): Promise<void>
}
