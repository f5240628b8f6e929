import onnxProto from 'onnx-proto'

const { onnx } = onnxProto

/** Operators outside the ONNX standard that the runtime brings along. */
export const CONTRIB_DOMAIN = 'com.microsoft'

const OPSET = 17
const IR_VERSION = 8

/** The element types that the decoder graphs use, with their numbers in TensorProto.DataType. */
const elementTypes = { float32: 1, uint8: 2, int64: 7 } as const
export type ElementType = keyof typeof elementTypes

/** A number is a fixed size, a string names one that is known at run time only. */
export type Dimension = number | string

/** Integers, strings and integer lists stand for themselves; a float is marked, since 1 could be either. */
type Attribute = number | string | readonly number[] | { readonly float: number }

/** Where a tensor's bytes lie in the file beside the graph. */
export interface TensorLocation {
  readonly file: string
  readonly offset: number
  readonly length: number
}

interface NodeOptions {
  readonly attributes?: Readonly<Record<string, Attribute>>
  readonly domain?: string
}

/** An ONNX graph under construction. Values are known by name; nodes must be added in the order they run. */
export class OnnxGraph {
  readonly #nodes: onnxProto.onnx.INodeProto[] = []
  readonly #inputs: onnxProto.onnx.IValueInfoProto[] = []
  readonly #outputs: onnxProto.onnx.IValueInfoProto[] = []
  readonly #sizes: onnxProto.onnx.IValueInfoProto[] = []
  readonly #initializers: onnxProto.onnx.ITensorProto[] = []
  #names = 0

  /** Adds a node with one output and returns that output's name. */
  node(type: string, inputs: readonly string[], options: NodeOptions = {}): string {
    const [output] = this.nodes(type, inputs, 1, options)
    return output as string
  }

  /** Adds a node and returns the names of its outputs. */
  nodes(type: string, inputs: readonly string[], outputs: number, options: NodeOptions = {}): string[] {
    const names = Array.from({ length: outputs }, () => `${type}_${this.#names++}`)
    this.#nodes.push({
      opType: type,
      domain: options.domain ?? '',
      name: names[0] ?? type,
      input: [...inputs],
      output: names,
      attribute: Object.entries(options.attributes ?? {}).map(attributeProto),
    })
    return names
  }

  /**
   * Names the sizes of a float32 value that the runtime cannot work out, and returns the value. Memory is
   * used again for values of the same sizes only; those without are gone through for each new one when a
   * graph is loaded, which took 16 of 17 seconds for one with 8 streams.
   */
  sized(value: string, dimensions: readonly Dimension[]): string {
    this.#sizes.push(valueInfo(value, 'float32', dimensions))
    return value
  }

  input(name: string, type: ElementType, dimensions: readonly Dimension[]): string {
    this.#inputs.push(valueInfo(name, type, dimensions))
    return name
  }

  /** Gives `value` the public name `name`. */
  output(name: string, value: string, type: ElementType, dimensions: readonly Dimension[]): void {
    this.#nodes.push({ opType: 'Identity', name: `output_${name}`, input: [value], output: [name] })
    this.#outputs.push(valueInfo(name, type, dimensions))
  }

  /** A small constant, kept inside the graph file. */
  constant(values: readonly number[], dimensions: readonly number[] = [values.length]): string {
    return this.#initializer('int64', dimensions, {
      rawData: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
    })
  }

  /** A single float, which takes part in a node with values of any shape. */
  scalar(value: number): string {
    return this.#initializer('float32', [], { rawData: new Uint8Array(Float32Array.of(value).buffer) })
  }

  ones(length: number): string {
    const values = new Float32Array(length).fill(1)
    return this.#initializer('float32', [length], { rawData: new Uint8Array(values.buffer) })
  }

  /** A tensor whose bytes lie in another file of the same folder. */
  external(type: ElementType, dimensions: readonly number[], location: TensorLocation): string {
    return this.#initializer(type, dimensions, {
      dataLocation: onnx.TensorProto.DataLocation.EXTERNAL,
      externalData: [
        { key: 'location', value: location.file },
        { key: 'offset', value: String(location.offset) },
        { key: 'length', value: String(location.length) },
      ],
    })
  }

  encode(): Uint8Array {
    return onnx.ModelProto.encode({
      irVersion: IR_VERSION,
      opsetImport: [
        { domain: '', version: OPSET },
        { domain: CONTRIB_DOMAIN, version: 1 },
      ],
      graph: {
        name: 'decoder',
        node: this.#nodes,
        input: this.#inputs,
        output: this.#outputs,
        valueInfo: this.#sizes,
        initializer: this.#initializers,
      },
    }).finish()
  }

  #initializer(
    type: ElementType,
    dimensions: readonly number[],
    content: onnxProto.onnx.ITensorProto,
  ): string {
    const name = `constant_${this.#names++}`
    this.#initializers.push({ name, dataType: elementTypes[type], dims: [...dimensions], ...content })
    return name
  }
}

function attributeProto([name, value]: [string, Attribute]): onnxProto.onnx.IAttributeProto {
  const { AttributeType } = onnx.AttributeProto
  if (typeof value === 'number') return { name, type: AttributeType.INT, i: value }
  if (typeof value === 'string')
    return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) }
  if ('float' in value) return { name, type: AttributeType.FLOAT, f: value.float }
  return { name, type: AttributeType.INTS, ints: [...value] }
}

function valueInfo(
  name: string,
  type: ElementType,
  dimensions: readonly Dimension[],
): onnxProto.onnx.IValueInfoProto {
  return {
    name,
    type: {
      tensorType: {
        elemType: elementTypes[type],
        shape: {
          dim: dimensions.map((size) => (typeof size === 'string' ? { dimParam: size } : { dimValue: size })),
        },
      },
    },
  }
}
