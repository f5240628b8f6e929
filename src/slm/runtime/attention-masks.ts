import { Tensor } from 'onnxruntime-node'
import { companionRows, WINDOW_TOKENS } from '../graph/attention-nodes.ts'
import type { DecoderShape } from '../graph/prepared-graph.ts'

const HIDDEN = Number.NEGATIVE_INFINITY

/** The additive masks that decoder graphs take, kept between steps. */
export class AttentionMasks {
  /** Query heads that share a key head. */
  readonly group: number
  readonly #companions: number
  readonly #windows = new Map<number, Tensor>()
  readonly #empty = new Tensor('float32', Float32Array.of(HIDDEN), [1])
  #zeros = new Float32Array(1024)

  constructor(shape: DecoderShape) {
    this.group = shape.heads / shape.kvHeads
    this.#companions = companionRows(shape)
  }

  /** [max(1, tokens)]: every cached token is seen, and the stand-in row of an empty cache is not. */
  past(tokens: number): Tensor {
    if (tokens === 0) return this.#empty
    if (tokens > this.#zeros.length) this.#zeros = new Float32Array(tokens * 2)
    return new Tensor('float32', this.#zeros.subarray(0, tokens), [tokens])
  }

  /**
   * [tokens * group + companions, WINDOW_TOKENS]: each of the new tokens sees the `held` ones that the window begins with,
   * itself and the new ones before it.
   */
  window(held: number, tokens: number): Tensor {
    const key = held * (WINDOW_TOKENS + 1) + tokens
    const known = this.#windows.get(key)
    if (known) return known
    const rows = tokens * this.group
    const values = new Float32Array((rows + this.#companions) * WINDOW_TOKENS)
    for (let row = 0; row < rows; row++)
      values.fill(
        HIDDEN,
        row * WINDOW_TOKENS + held + Math.floor(row / this.group) + 1,
        (row + 1) * WINDOW_TOKENS,
      )
    const mask = new Tensor('float32', values, [rows + this.#companions, WINDOW_TOKENS])
    this.#windows.set(key, mask)
    return mask
  }
}
