import { GatewayError } from '../../gateway-error.ts'
import { QUANTISED_BLOCK, quantiseRows } from './block-quantiser.ts'
import type { TensorLocation } from './onnx-graph.ts'
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
}

function transposed(values: Float32Array, inputs: number): Float32Array {
  const outputs = values.length / inputs
  const result = new Float32Array(values.length)
  for (let output = 0; output < outputs; output++)
    for (let input = 0; input < inputs; input++)
      result[input * outputs + output] = values[output * inputs + input] ?? 0
  return result
}
