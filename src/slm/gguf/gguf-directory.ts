import { stat } from 'node:fs/promises'
import { gguf } from '@huggingface/gguf'
import { readProblem, requireRegularFile } from '../../read-regular-file.ts'
import { modelFileInvalid } from '../model-file-invalid.ts'
import type { BlockFormat } from './block-format.ts'
import { ggufParts } from './part-files.ts'
import { tensorFormats, tensorTypeName } from './tensor-types.ts'
import { exactTokens } from './token-strings.ts'

/** Where a tensor lies in the file and how. `shape` is slowest dimension first, as in NumPy. */
export interface TensorEntry {
  readonly shape: readonly number[]
  readonly typeName: string
  /** Null when this program cannot read the type. */
  readonly format: BlockFormat | null
  readonly values: number
  /** The file that holds it, and where in it. */
  readonly file: string
  readonly offsetBytes: number
}

/** GGUF key-value metadata as stored; the reader of a key checks its type. */
export type GgufMetadata = Readonly<Record<string, unknown>>

export interface GgufDirectory {
  readonly files: readonly string[]
  readonly metadata: GgufMetadata
  readonly tensors: ReadonlyMap<string, TensorEntry>
}

const TOKENS = 'tokenizer.ggml.tokens'

async function parse(path: string) {
  await requireRegularFile(path).catch((cause: unknown) => {
    const what = `it cannot be read (${readProblem(cause)}). Fetch it again, or name another.`
    throw modelFileInvalid(path, what, cause)
  })
  try {
    const { metadata, ...rest } = await gguf(path, { allowLocalFile: true })
    const keys: GgufMetadata = { ...metadata }
    const tokens = await exactTokens(path, keys[TOKENS], Number(rest.tensorDataOffset))
    const exact = tokens === undefined ? keys : { ...keys, [TOKENS]: tokens }
    return { ...rest, metadata: exact, fileBytes: (await stat(path)).size }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw modelFileInvalid(
      path,
      `its header is not that of a whole GGUF file (${reason}). Fetch it again.`,
      cause,
    )
  }
}

/**
 * Reads metadata and tensor directory, of all parts where the model is split, and checks that every tensor
 * lies inside its file.
 */
export async function readGgufDirectory(path: string): Promise<GgufDirectory> {
  const parts = await ggufParts(path)
  const tensors = new Map<string, TensorEntry>()
  let metadata: GgufMetadata = {}
  for (const [index, part] of parts.entries()) {
    const parsed = await parse(part)
    requireInOrder(part, parsed.metadata, { index, count: parts.length })
    if (index === 0) metadata = parsed.metadata
    for (const entry of tensorEntries(part, parsed)) tensors.set(...entry)
  }
  return { files: parts, metadata, tensors }
}

function requireInOrder(
  path: string,
  metadata: GgufMetadata,
  { index, count }: { readonly index: number; readonly count: number },
): void {
  const written = { index: Number(metadata['split.no'] ?? 0), count: Number(metadata['split.count'] ?? 1) }
  if (Math.max(1, written.count) === count && (count === 1 || written.index === index)) return
  const what = `it is part ${written.index + 1} of a model split into ${written.count}`
  throw modelFileInvalid(path, `${what}. Keep the names that end in -00001-of-0000N.gguf, in one folder.`)
}

function* tensorEntries(
  path: string,
  { tensorInfos, tensorDataOffset, littleEndian, fileBytes }: Awaited<ReturnType<typeof parse>>,
): Iterable<[string, TensorEntry]> {
  if (!littleEndian) throw modelFileInvalid(path, 'it is big-endian. Take the little-endian file.')
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
    const typeName = tensorTypeName(info.dtype)
    yield [info.name, { shape, typeName, format, values, file: path, offsetBytes }]
  }
}
