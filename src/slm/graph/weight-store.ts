import { GatewayError } from '../../gateway-error.ts'
import { QUANTISED_BLOCK, quantiseRows } from '../quantising/block-quantiser.ts'
import { exactNibbles } from '../quantising/exact-nibbles.ts'
import { quantiseToNibbles } from '../quantising/nibble-quantiser.ts'
import type { TensorLocation } from './onnx-graph.ts'
import type { TensorFile } from './tensor-file.ts'

/** What the product computes with; `float32` is the yardstick that its accuracy is measured against. */
export type WeightPrecision = WeightBits | 'float32'

/**
 * At most so many: a matrix that lies on grids of 4 has 4 anyway. With 4, the embedding and the output head
 * still have 8.
 */
export type WeightBits = 4 | 8

/** Sums over more blocks are cut by the kernel that adds offsets, at places that depend on the rows. */
const LONGEST_EXACT = 128 * QUANTISED_BLOCK

/** A matrix [outputs, inputs] as the graphs read it. */
export type StoredMatrix = QuantisedMatrix | FloatMatrix

interface MatrixSize {
  readonly outputs: number
  readonly inputs: number
}

interface QuantisedMatrix extends MatrixSize {
  readonly precision: WeightBits
  readonly quants: TensorLocation
  readonly scales: TensorLocation
  readonly zeroPoints: TensorLocation
  /**
   * [blocks of a row, outputs], float32: 32 times what each value of a block has added; null for nothing.
   */
  readonly offsets: TensorLocation | null
}

interface FloatMatrix extends MatrixSize {
  readonly precision: 'float32'
  readonly values: TensorLocation
}

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
  matrix(values: Float32Array, inputs: number): Promise<StoredMatrix> {
    return this.#matrix(values, { inputs, precision: this.#precision, isLookedUp: false })
  }

  /** What comes of it is seen as it is, and not one part of many. */
  outputHead(values: Float32Array, inputs: number): Promise<StoredMatrix> {
    return this.#matrix(values, { inputs, precision: this.#fine, isLookedUp: false })
  }

  /** The same, and its rows are looked up too. */
  embedding(values: Float32Array, inputs: number): Promise<StoredMatrix> {
    return this.#matrix(values, { inputs, precision: this.#fine, isLookedUp: true })
  }

  get #fine(): WeightPrecision {
    return this.#precision === 'float32' ? 'float32' : 8
  }

  async #matrix(
    values: Float32Array,
    {
      inputs,
      precision,
      isLookedUp,
    }: { readonly inputs: number; readonly precision: WeightPrecision; readonly isLookedUp: boolean },
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
    const exact = isLookedUp || inputs > LONGEST_EXACT ? null : exactNibbles(values, inputs)
    const rows = exact ?? (precision === 4 ? quantiseToNibbles(values, inputs) : quantiseRows(values))
    // The graph multiplies offsets with means of blocks
    const offsets = exact?.offsets?.map((offset) => offset * QUANTISED_BLOCK)
    return {
      outputs,
      inputs,
      precision: exact === null ? precision : 4,
      quants: await file.append([rows.quants]),
      scales: await file.append([rows.scales]),
      zeroPoints: await file.append([rows.zeroPoints]),
      offsets: offsets === undefined ? null : await file.append([offsets]),
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
