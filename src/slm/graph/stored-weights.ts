import { GatewayError } from '../../gateway-error.ts'
import type { ModelShape } from '../gguf/model-shape.ts'
import type { ModelWeights } from '../gguf/model-weights.ts'
import { QUANTISED_BLOCK, quantiseRows } from './block-quantiser.ts'
import { permuteInputHeads, permuteOutputHeads } from './head-order.ts'
import type { TensorLocation } from './onnx-graph.ts'
import { rotaryTables } from './rotary-tables.ts'
import type { TensorFile } from './tensor-file.ts'

/** `quantised` is the product's form; `float32` is the yardstick that its accuracy is measured against. */
export type WeightPrecision = 'quantised' | 'float32'

/** A matrix [outputs, inputs] as the graphs read it. */
export type StoredMatrix = { readonly outputs: number; readonly inputs: number } & (
  | {
      readonly precision: 'quantised'
      readonly quants: TensorLocation
      readonly scales: TensorLocation
      readonly zeroPoints: TensorLocation
    }
  | { readonly precision: 'float32'; readonly values: TensorLocation }
)

export interface StoredVector {
  readonly length: number
  readonly values: TensorLocation
}

export interface StoredLayer {
  readonly attentionNorm: StoredVector
  /** Rows: queries, then keys, then values. */
  readonly queryKeyValue: StoredMatrix
  readonly queryKeyValueBias: StoredVector | null
  readonly attentionOutput: StoredMatrix
  readonly feedForwardNorm: StoredVector
  /** Rows: the gate, then what it gates. */
  readonly gateUp: StoredMatrix
  readonly down: StoredMatrix
}

/**
 * All that a decoder graph needs of its weights: sizes, and where the bytes lie. Plain
 * data, so that it can be kept.
 */
export interface StoredWeights {
  readonly shape: ModelShape
  readonly embedding: StoredMatrix
  readonly layers: readonly StoredLayer[]
  readonly outputNorm: StoredVector
  /** Null when the embedding is the output head. */
  readonly outputHead: StoredMatrix | null
  /** Cosine and sine, each [contextTokens, headDim / 2]. */
  readonly cosine: TensorLocation
  readonly sine: TensorLocation
}

/**
 * Reads every tensor once, one at a time, and writes it in the form in which the graphs compute
 * with it. Rejects with GatewayError `model_file_invalid` for rows that are not whole blocks.
 */
export async function storeWeights(
  weights: ModelWeights,
  file: TensorFile,
  precision: WeightPrecision,
): Promise<StoredWeights> {
  const { shape } = weights
  const store = new WeightStore(weights, file, precision)
  const layers: StoredLayer[] = []
  for (let layer = 0; layer < shape.layers; layer++) layers.push(await store.layer(layer))
  const rotary = await rotaryTables(weights)
  return {
    shape,
    embedding: await store.matrix(await weights.read('token_embd.weight'), shape.hidden),
    layers,
    outputNorm: await store.vector(await weights.read('output_norm.weight')),
    outputHead: shape.tiedEmbeddings
      ? null
      : await store.matrix(await weights.read('output.weight'), shape.hidden),
    cosine: await file.append([rotary.cosine]),
    sine: await file.append([rotary.sine]),
  }
}

class WeightStore {
  readonly #weights: ModelWeights
  readonly #file: TensorFile
  readonly #precision: WeightPrecision

  constructor(weights: ModelWeights, file: TensorFile, precision: WeightPrecision) {
    this.#weights = weights
    this.#file = file
    this.#precision = precision
  }

  async vector(values: Float32Array): Promise<StoredVector> {
    return { length: values.length, values: await this.#file.append([values]) }
  }

  async matrix(values: Float32Array, inputs: number): Promise<StoredMatrix> {
    const file = this.#file
    const outputs = values.length / inputs
    if (this.#precision === 'float32') {
      const columns = await file.append([transposed(values, inputs)])
      return { outputs, inputs, precision: 'float32', values: columns }
    }
    if (inputs % QUANTISED_BLOCK !== 0)
      throw new GatewayError(
        'model_file_invalid',
        `The model has rows of ${inputs} weights, which are no whole blocks of ${QUANTISED_BLOCK}. Take another model.`,
      )
    const rows = quantiseRows(values)
    return {
      outputs,
      inputs,
      precision: 'quantised',
      quants: await file.append([rows.quants]),
      scales: await file.append([rows.scales]),
      zeroPoints: await file.append([rows.zeroPoints]),
    }
  }

  async layer(index: number): Promise<StoredLayer> {
    const { shape } = this.#weights
    const tensor = (name: string) => `blk.${index}.${name}`
    const read = (name: string) => this.#weights.read(tensor(name))
    const bias = await queryKeyValueBias(this.#weights, tensor)
    return {
      attentionNorm: await this.vector(await read('attn_norm.weight')),
      queryKeyValue: await this.matrix(await queryKeyValue(this.#weights, tensor, 'weight'), shape.hidden),
      queryKeyValueBias: bias && (await this.vector(bias)),
      attentionOutput: await this.matrix(
        permuteInputHeads(await read('attn_output.weight'), shape),
        shape.heads * shape.headDim,
      ),
      feedForwardNorm: await this.vector(await read('ffn_norm.weight')),
      gateUp: await this.matrix(
        concatenated([await read('ffn_gate.weight'), await read('ffn_up.weight')]),
        shape.hidden,
      ),
      down: await this.matrix(await read('ffn_down.weight'), shape.feedForward),
    }
  }
}

type TensorName = (name: string) => string

/** Queries carry the attention's scale, 1 / sqrt(headDim), so that no node has to apply it. */
async function queryKeyValue(weights: ModelWeights, tensor: TensorName, kind: 'weight' | 'bias') {
  const { shape } = weights
  const query = permuteOutputHeads(await weights.read(tensor(`attn_q.${kind}`)), shape)
  const scale = 1 / Math.sqrt(shape.headDim)
  for (let index = 0; index < query.length; index++) query[index] = (query[index] ?? 0) * scale
  return concatenated([
    query,
    await weights.read(tensor(`attn_k.${kind}`)),
    await weights.read(tensor(`attn_v.${kind}`)),
  ])
}

async function queryKeyValueBias(weights: ModelWeights, tensor: TensorName) {
  return weights.has(tensor('attn_q.bias')) ? queryKeyValue(weights, tensor, 'bias') : null
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

function transposed(values: Float32Array, inputs: number): Float32Array {
  const outputs = values.length / inputs
  const result = new Float32Array(values.length)
  for (let output = 0; output < outputs; output++)
    for (let input = 0; input < inputs; input++)
      result[input * outputs + output] = values[output * inputs + input] ?? 0
  return result
}
