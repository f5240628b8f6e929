import { GatewayError } from '../../gateway-error.ts'
import { QUANTISED_BLOCK, quantiseRows } from '../quantising/block-quantiser.ts'
import { quantiseToNibbles } from '../quantising/nibble-quantiser.ts'
import type { TensorLocation } from './onnx-graph.ts'
import type { TensorFile } from './tensor-file.ts'

/** What the product computes with; `float32` is the yardstick that its accuracy is measured against. */
export type WeightPrecision = WeightBits | 'float32'

/** With 4, the embedding and the output head still have 8. */
export type WeightBits = 4 | 8

/** A matrix [outputs, inputs] as the graphs read it. */
export type StoredMatrix = { readonly outputs: number; readonly inputs: number } & (
  | {
      readonly precision: WeightBits
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

/** Writes weights in the form in which the graphs compute with them. */
export class WeightStore {
  readonly #file: TensorFile
  readonly #precision: WeightPrecision

  constructor(file: TensorFile, precision: WeightPrecision) {
    this.#file = file
    this.#precision = precision
  }

  async vector(values: Float32Array): Promise<StoredVector> {
    return { length: values.length, values: await this.#file.append([values]) }
  }

  /** A matrix of a layer. */
  async matrix(values: Float32Array, inputs: number): Promise<StoredMatrix> {
    return this.#matrix(values, { inputs, precision: this.#precision })
  }

  /** The embedding or the output head: what comes of it is seen as it is, and not one part of many. */
  async vocabularyMatrix(values: Float32Array, inputs: number): Promise<StoredMatrix> {
    return this.#matrix(values, { inputs, precision: this.#precision === 'float32' ? 'float32' : 8 })
  }

  async #matrix(
    values: Float32Array,
    { inputs, precision }: { readonly inputs: number; readonly precision: WeightPrecision },
  ): Promise<StoredMatrix> {
    const file = this.#file
    const outputs = values.length / inputs
    if (precision === 'float32') {
      const columns = await file.append([transposed(values, inputs)])
      return { outputs, inputs, precision: 'float32', values: columns }
    }
    if (inputs % QUANTISED_BLOCK !== 0)
      throw new GatewayError(
        'model_file_invalid',
        `The model has rows of ${inputs} weights, which are no whole blocks of ${QUANTISED_BLOCK}. Take another model.`,
      )
    const rows = precision === 4 ? quantiseToNibbles(values, inputs) : quantiseRows(values)
    return {
      outputs,
      inputs,
      precision,
      quants: await file.append([rows.quants]),
      scales: await file.append([rows.scales]),
      zeroPoints: await file.append([rows.zeroPoints]),
    }
  }
}

function transposed(values: Float32Array, inputs: number): Float32Array {
  const outputs = values.length / inputs
  const result = new Float32Array(values.length)
  for (let output = 0; output < outputs; output++)
    for (let input = 0; input < inputs; input++)
      result[input * outputs + output] = values[output * inputs + input] ?? 0
  return result
}
