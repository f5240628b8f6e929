import { QUANTISED_BLOCK } from '../quantising/block-quantiser.ts'
import { zeroPointBytes } from '../quantising/nibble-quantiser.ts'
import { CONTRIB_DOMAIN, type OnnxGraph } from './onnx-graph.ts'
import type { StoredMatrix, StoredVector } from './weight-store.ts'

/** Activations are quantised to int8, a block at a time: the only fast kernel. */
const INT8_ACTIVATIONS = 4

/** Nodes that multiply with, or look rows up in, a stored matrix. */
export class MatrixNodes {
  readonly #graph: OnnxGraph

  constructor(graph: OnnxGraph) {
    this.#graph = graph
  }

  /** input [1, rows, inputs] -> [1, rows, outputs] */
  multiply(matrix: StoredMatrix, input: string, bias: StoredVector | null = null): string {
    const graph = this.#graph
    const { outputs, inputs } = matrix
    const addend = bias && graph.external('float32', [bias.length], bias.values)
    if (matrix.precision === 'float32') {
      const product = graph.node('MatMul', [
        input,
        graph.external('float32', [inputs, outputs], matrix.values),
      ])
      return addend ? graph.node('Add', [product, addend]) : product
    }
    const blocks = inputs / QUANTISED_BLOCK
    const bits = matrix.precision
    const zeroPoints = bits === 4 ? zeroPointBytes(inputs) : blocks
    const operands = [
      input,
      graph.external('uint8', [outputs, blocks, (QUANTISED_BLOCK * bits) / 8], matrix.quants),
      graph.external('float32', [outputs * blocks], matrix.scales),
      graph.external('uint8', [outputs * zeroPoints], matrix.zeroPoints),
    ]
    const product = graph.node('MatMulNBits', addend ? [...operands, '', addend] : operands, {
      domain: CONTRIB_DOMAIN,
      attributes: {
        K: inputs,
        N: outputs,
        bits,
        block_size: QUANTISED_BLOCK,
        accuracy_level: INT8_ACTIVATIONS,
      },
    })
    if (matrix.offsets === null) return product
    const means = graph.node('AveragePool', [input], {
      attributes: { kernel_shape: [QUANTISED_BLOCK], strides: [QUANTISED_BLOCK] },
    })
    const offsets = graph.external('float32', [blocks, outputs], matrix.offsets)
    return graph.node('Add', [product, graph.node('MatMul', [means, offsets])])
  }

  /** ids [1, rows] -> [1, rows, inputs]: the matrix's rows. The bytes are those that `multiply` reads. */
  embed(matrix: StoredMatrix, ids: string): string {
    const graph = this.#graph
    const { outputs, inputs } = matrix
    if (matrix.precision === 'float32') {
      const byColumn = graph.external('float32', [inputs, outputs], matrix.values)
      const rows = graph.node('Gather', [byColumn, ids], { attributes: { axis: 1 } })
      return graph.node('Transpose', [rows], { attributes: { perm: [1, 2, 0] } })
    }
    const blocks = inputs / QUANTISED_BLOCK
    return graph.node(
      'GatherBlockQuantized',
      [
        graph.external('uint8', [outputs, inputs], matrix.quants),
        ids,
        graph.external('float32', [outputs, blocks], matrix.scales),
        graph.external('uint8', [outputs, blocks], matrix.zeroPoints),
      ],
      {
        domain: CONTRIB_DOMAIN,
        attributes: { bits: matrix.precision, block_size: QUANTISED_BLOCK, gather_axis: 0, quantize_axis: 1 },
      },
    )
  }
}
