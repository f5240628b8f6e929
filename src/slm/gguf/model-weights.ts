/** Sizes and constants of a llama- or qwen2-architecture decoder. */
export interface ModelShape {
  readonly architecture: 'llama' | 'qwen2'
  readonly layers: number
  readonly hidden: number
  readonly heads: number
  readonly kvHeads: number
  readonly headDim: number
  readonly feedForward: number
  readonly vocabularySize: number
  /** Prompt and answer together, in tokens. */
  readonly contextTokens: number
  readonly ropeTheta: number
  readonly rmsNormEpsilon: number
  /** The output head is the token embedding; there is no `output.weight`. */
  readonly tiedEmbeddings: boolean
}

/**
 * A model's weights under GGUF's tensor names (`token_embd.weight`, `blk.0.attn_q.weight`, `blk.0.attn_q.bias`,
 * `blk.0.ffn_gate.weight`, `output_norm.weight`, …).
 */
export interface ModelWeights {
  readonly shape: ModelShape
  has(name: string): boolean
  /**
   * The tensor dequantised to float32, row-major, matrices as [outputs, inputs]. The rows of q and k are in the two-halves
   * rotary layout (as in Hugging Face files), whatever the file holds. Rejects with GatewayError `model_file_invalid`.
   */
  read(name: string): Promise<Float32Array>
  close(): Promise<void>
}
