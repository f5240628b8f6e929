import onnxProto from 'onnx-proto'

const { onnx } = onnxProto

/** A matrix as a kernel computes with it, and where its parts lie in the file of the weights. */
export interface PackedBlob {
  /** The kernel's name and a hash of the content, by which the runtime knows it. */
  readonly key: string
  readonly parts: readonly { readonly offset: number; readonly length: number }[]
}

/** As the runtime names the entry of the first input that is packed; matrices have no other. */
const ENTRY = 'prepacked_0'
const PARTS = '|'
const FIELDS = ';'

/**
 * The blobs that the runtime has stored with a graph, by where the matrix itself lies in `original`, the
 * graph that the session was made from. Initializers have the same names in both.
 */
export function packedBlobs(stored: Uint8Array, original: Uint8Array): Map<number, PackedBlob> {
  const places = new Map(
    initializersOf(onnx.ModelProto.decode(original)).map((one) => [one.name, placeOf(one)] as const),
  )
  const blobs = new Map<number, PackedBlob>()
  const model = onnx.ModelProto.decode(stored)
  const multiplied = multipliedNames(model)
  for (const initializer of initializersOf(model)) {
    const entry = initializer.externalData?.find(({ key }) => key === ENTRY)?.value
    const place = places.get(initializer.name)
    if (entry == null || place == null || !multiplied.has(initializer.name)) continue
    const [key = '', ...parts] = entry.split(PARTS)
    blobs.set(place, {
      key,
      parts: parts.map((part) => {
        const [offset = 0, length = 0] = part.split(FIELDS).map(Number)
        return { offset, length }
      }),
    })
  }
  return blobs
}

/** The graph, whose matrices say where their packed form lies. */
export function withPackedBlobs(graph: Uint8Array, blobs: ReadonlyMap<number, PackedBlob>): Uint8Array {
  const model = onnx.ModelProto.decode(graph)
  const multiplied = multipliedNames(model)
  for (const initializer of initializersOf(model)) {
    const place = placeOf(initializer)
    const blob = place === null || !multiplied.has(initializer.name) ? undefined : blobs.get(place)
    if (blob === undefined) continue
    const parts = blob.parts.map(({ offset, length }) => [offset, length, 0].join(FIELDS))
    initializer.externalData?.push({ key: ENTRY, value: [blob.key, ...parts].join(PARTS) })
  }
  return onnx.ModelProto.encode(model).finish()
}

type Initializer = onnxProto.onnx.ITensorProto

function initializersOf(model: onnxProto.onnx.IModelProto): readonly Initializer[] {
  return model.graph?.initializer ?? []
}

function placeOf({ externalData }: Initializer): number | null {
  const offset = externalData?.find(({ key }) => key === 'offset')?.value
  return offset == null ? null : Number(offset)
}

/**
 * Of the initializers that rows are multiplied with. An embedding that is the output head as well stands in
 * the graph twice, and rows are looked up in one of the two.
 */
function multipliedNames(model: onnxProto.onnx.IModelProto): ReadonlySet<string | null | undefined> {
  const nodes = model.graph?.node ?? []
  return new Set(nodes.flatMap(({ opType, input }) => (opType?.startsWith('MatMul') ? [input?.[1]] : [])))
}
