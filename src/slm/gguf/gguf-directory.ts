import { stat } from 'node:fs/promises'
import { gguf } from '@huggingface/gguf'
import { readProblem, requireRegularFile } from '../../read-regular-file.ts'
import { modelFileInvalid } from '../model-file-invalid.ts'
import type { BlockFormat } from './block-format.ts'
import { tensorFormats, tensorTypeName } from './tensor-types.ts'

/** Where a tensor lies in the file and how. `shape` is slowest dimension first, as in NumPy. */
export interface TensorEntry {
  readonly shape: readonly number[]
  readonly typeName: string
  /** Null when this program cannot read the type. */
  readonly format: BlockFormat | null
  readonly values: number
  readonly offsetBytes: number
}

/** GGUF key-value metadata as stored; the reader of a key checks its type. */
export type GgufMetadata = Readonly<Record<string, unknown>>

export interface GgufDirectory {
  readonly metadata: GgufMetadata
  readonly tensors: ReadonlyMap<string, TensorEntry>
}

async function parse(path: string) {
  await requireRegularFile(path).catch((cause: unknown) => {
    const what = `it cannot be read (${readProblem(cause)}). Fetch it again, or name another.`
    throw modelFileInvalid(path, what, cause)
  })
  try {
    const { metadata, ...rest } = await gguf(path, { allowLocalFile: true })
    const keys: GgufMetadata = { ...metadata }
    return { ...rest, metadata: keys, fileBytes: (await stat(path)).size }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw modelFileInvalid(
      path,
      `its header is not that of a whole GGUF file (${reason}). Fetch it again.`,
      cause,
    )
  }
}

/** Reads metadata and tensor directory, and checks that every tensor lies inside the file. */
export async function readGgufDirectory(path: string): Promise<GgufDirectory> {
  const { metadata, tensorInfos, tensorDataOffset, littleEndian, fileBytes } = await parse(path)
  if (!littleEndian) throw modelFileInvalid(path, 'it is big-endian. Take the little-endian file.')
  if (Number(metadata['split.count'] ?? 1) > 1) {
    throw modelFileInvalid(
      path,
      'it is one part of a split model. Join the parts with llama-gguf-split --merge.',
    )
  }
  const tensors = new Map<string, TensorEntry>()
  for (const info of tensorInfos) {
    const shape = info.shape.map(Number).reverse()
    const values = shape.reduce((product, size) => product * size, 1)
    const offsetBytes = Number(tensorDataOffset + info.offset)
    if (!Number.isSafeInteger(values) || values < 1 || !Number.isSafeInteger(offsetBytes)) {
      throw modelFileInvalid(path, `the sizes of ${info.name} make no sense. Fetch it again.`)
    }
    const format = tensorFormats.get(info.dtype) ?? null
    if (format && (shape.at(-1) ?? 0) % format.values !== 0) {
      throw modelFileInvalid(
        path,
        `rows of ${info.name} are not whole ${format.name} blocks. Fetch it again.`,
      )
    }
    if (offsetBytes + (format ? (values / format.values) * format.bytes : 0) > fileBytes) {
      throw modelFileInvalid(
        path,
        `it ends before the end of ${info.name}; it is incomplete. Fetch it again.`,
      )
    }
    tensors.set(info.name, { shape, typeName: tensorTypeName(info.dtype), format, values, offsetBytes })
  }
  return { metadata, tensors }
}
