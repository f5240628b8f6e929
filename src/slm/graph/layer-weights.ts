import { familyOf } from '../families/families.ts'
import type { ModelWeights } from '../weights/model-weights.ts'
import { permuteInputHeads, permuteOutputHeads } from './head-order.ts'

/**
 * A layer's weights as the graphs multiply with them: matrices with the same input stand one below the
 * other, and constant factors lie in them, so that no node has to apply them.
 */
export class LayerWeights {
  readonly #weights: ModelWeights
  readonly #layer: number

  constructor(weights: ModelWeights, layer: number) {
    this.#weights = weights
    this.#layer = layer
  }

  read(name: string): Promise<Float32Array> {
    return this.#weights.read(`blk.${this.#layer}.${name}`)
  }

  queryKeyValue(): Promise<Float32Array> {
    return this.#queryKeyValue('weight')
  }

  async queryKeyValueBias(): Promise<Float32Array | null> {
    return this.#has('attn_q.bias') ? this.#queryKeyValue('bias') : null
  }

  /** Queries carry the attention's scale; where they are normalised, it would be lost before the norm. */
  async queryKeyNorm(): Promise<Float32Array | null> {
    const { shape } = this.#weights
    const { queryKeyNorm } = familyOf(shape.family)
    if (queryKeyNorm === 'none') return null
    const query = scaled(await this.read('attn_q_norm.weight'), shape.attentionScale)
    const key = await this.read('attn_k_norm.weight')
    if (queryKeyNorm === 'whole') return concatenated([permuteOutputHeads(query, shape), key])
    const { heads, kvHeads } = shape
    return concatenated([
      ...new Array<Float32Array>(heads).fill(query),
      ...new Array<Float32Array>(kvHeads).fill(key),
    ])
  }

  async attentionOutput(): Promise<Float32Array> {
    const { shape } = this.#weights
    return scaled(permuteInputHeads(await this.read('attn_output.weight'), shape), shape.residualScale)
  }

  async gateUp(): Promise<Float32Array> {
    return concatenated([await this.read('ffn_gate.weight'), await this.read('ffn_up.weight')])
  }

  async gateUpBias(): Promise<Float32Array | null> {
    return this.#has('ffn_gate.bias')
      ? concatenated([await this.read('ffn_gate.bias'), await this.read('ffn_up.bias')])
      : null
  }

  async down(): Promise<Float32Array> {
    return scaled(await this.read('ffn_down.weight'), this.#weights.shape.residualScale)
  }

  /** The bias of a matrix whose result is added to the residual stream. */
  async residualBias(matrix: 'attn_output' | 'ffn_down'): Promise<Float32Array | null> {
    const name = `${matrix}.bias`
    return this.#has(name) ? scaled(await this.read(name), this.#weights.shape.residualScale) : null
  }

  async #queryKeyValue(kind: 'weight' | 'bias'): Promise<Float32Array> {
    const { shape } = this.#weights
    const query = permuteOutputHeads(await this.read(`attn_q.${kind}`), shape)
    const normalised = familyOf(shape.family).queryKeyNorm !== 'none'
    return concatenated([
      scaled(query, normalised ? 1 : shape.attentionScale),
      await this.read(`attn_k.${kind}`),
      await this.read(`attn_v.${kind}`),
    ])
  }

  #has(name: string): boolean {
    return this.#weights.has(`blk.${this.#layer}.${name}`)
  }
}

function scaled(values: Float32Array, factor: number): Float32Array {
  return factor === 1 ? values : values.map((value) => value * factor)
}

function concatenated(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}
