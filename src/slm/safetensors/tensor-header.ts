import { open } from 'node:fs/promises'
import { z } from 'zod'
import { jsonValue } from '../../json-value.ts'
import { readProblem, requireRegularFile } from '../../read-regular-file.ts'
import { modelFileInvalid } from '../model-file-invalid.ts'
import type { BlockFormat } from '../weights/block-format.ts'
import { bf16, f16, f32 } from '../weights/float-formats.ts'
import type { TensorEntry } from '../weights/model-source.ts'

const LENGTH_BYTES = 8
/** As the format's own library has it. */
const MAX_HEADER_BYTES = 100_000_000

const formats: ReadonlyMap<string, BlockFormat> = new Map([
  ['F32', f32],
  ['F16', f16],
  ['BF16', bf16],
])

/** Bits of values of types that cannot be read, so that their sizes can be checked all the same. */
const bitsOfOthers: ReadonlyMap<string, number> = new Map([
  ['BOOL', 8],
  ['U8', 8],
  ['I8', 8],
  ['F8_E4M3', 8],
  ['F8_E5M2', 8],
  ['I16', 16],
  ['U16', 16],
  ['I32', 32],
  ['U32', 32],
  ['I64', 64],
  ['U64', 64],
  ['F64', 64],
])

const size = z.int().min(0)

const tensorSchema = z.object({
  dtype: z.string().max(32),
  shape: z.array(size).max(8),
  data_offsets: z.tuple([size, size]),
})

type WrittenTensor = z.infer<typeof tensorSchema>

/**
 * The tensors of a safetensors file by their own names: the length of the header in 8 bytes, the header as
 * JSON, then the values, without gaps. Only the header is read. Rejects with GatewayError
 * `model_file_invalid`.
 */
export async function readTensorHeader(path: string): Promise<ReadonlyMap<string, TensorEntry>> {
  await requireRegularFile(path).catch((cause: unknown) => {
    throw modelFileInvalid(path, `it cannot be read (${readProblem(cause)}). Fetch it again.`, cause)
  })
  const { header, dataStart, dataBytes } = await readHeader(path)
  const tensors = parseTensors(path, header)
  requireWhole(path, tensors, dataBytes)
  return new Map(tensors.map(([name, written]) => [name, entryOf(path, written, dataStart)]))
}

async function readHeader(path: string) {
  const file = await open(path, 'r')
  try {
    const { size: fileBytes } = await file.stat()
    const length = Buffer.alloc(LENGTH_BYTES)
    const { bytesRead } = await file.read(length, 0, LENGTH_BYTES, 0)
    if (bytesRead < LENGTH_BYTES) throw invalid(path, 'it ends before its header')
    const headerBytes = Number(length.readBigUInt64LE())
    if (headerBytes > MAX_HEADER_BYTES) throw invalid(path, 'its header would be of an absurd length')
    const dataStart = LENGTH_BYTES + headerBytes
    if (dataStart > fileBytes) throw invalid(path, 'it ends inside its header')
    const header = Buffer.alloc(headerBytes)
    await file.read(header, 0, headerBytes, LENGTH_BYTES)
    return { header: jsonValue(header.toString('utf8')), dataStart, dataBytes: fileBytes - dataStart }
  } finally {
    await file.close()
  }
}

function parseTensors(path: string, header: unknown): [string, WrittenTensor][] {
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw invalid(path, 'its header is no JSON object')
  return Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, written]) => {
      const tensor = tensorSchema.safeParse(written)
      if (!tensor.success) throw invalid(path, `what its header says of ${name} makes no sense`)
      return [name, tensor.data]
    })
}

/** Every byte of the values belongs to one tensor, and every tensor has as many as its shape takes. */
function requireWhole(path: string, tensors: readonly [string, WrittenTensor][], dataBytes: number): void {
  const inOrder = tensors.toSorted(
    ([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1],
  )
  let end = 0
  for (const [name, { dtype, shape, data_offsets: offsets }] of inOrder) {
    const [from, to] = offsets
    if (from !== end || to < from)
      throw invalid(path, `${name} overlaps its neighbour or leaves a gap before it`)
    const bits = (formats.get(dtype)?.bytes ?? 0) * 8 || bitsOfOthers.get(dtype)
    if (bits !== undefined && valuesOf(shape) * bits !== (to - from) * 8)
      throw invalid(path, `${name} has not the bytes that its shape takes`)
    end = to
  }
  if (end > dataBytes) throw invalid(path, 'it ends before the end of its last tensor; it is incomplete')
  if (end < dataBytes) throw invalid(path, 'it goes on after its last tensor')
}

function entryOf(path: string, { dtype, shape, data_offsets: offsets }: WrittenTensor, dataStart: number) {
  const format = formats.get(dtype) ?? null
  const offsetBytes = dataStart + offsets[0]
  return { shape, typeName: dtype, format, values: valuesOf(shape), file: path, offsetBytes }
}

function valuesOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1)
}

function invalid(path: string, what: string) {
  return modelFileInvalid(path, `${what}. Fetch it again.`)
}
