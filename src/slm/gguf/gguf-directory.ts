// GGUF: what a file of this form holds. This room owns its directory, and the types of its tensors. It must
// not know what a model does with them.

import { stat } from 'node:fs/promises'
import { gguf } from '@huggingface/gguf'
import { readProblem, requireRegularFile } from '../../read-regular-file.ts'
import { modelFileInvalid } from '../model-file-invalid.ts'
import type { ModelMetadata, ModelSource, TensorEntry } from '../weights/model-source.ts'
import { ggufParts } from './part-files.ts'
import { tensorFormats, tensorTypeName } from './tensor-types.ts'
import { exactTokens } from './token-strings.ts'

const TOKENS = 'tokenizer.ggml.tokens'

async function parse(path: string, fileBytes: number | undefined) {
  await requireRegularFile(path).catch((cause: unknown) => {
    const what = `it cannot be read (${readProblem(cause)}). Fetch it again, or name another.`
    throw modelFileInvalid(path, what, cause)
  })
  try {
    const { metadata, ...rest } = await gguf(path, { allowLocalFile: true })
    const keys: ModelMetadata = { ...metadata }
    const tokens = await exactTokens(path, keys[TOKENS], Number(rest.tensorDataOffset))
    const exact = tokens === undefined ? keys : { ...keys, [TOKENS]: tokens }
    return { ...rest, metadata: exact, fileBytes: fileBytes ?? (await stat(path)).size }
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
 * lies inside its file. `lengths` has those of files of which only the beginning is there yet, by their
 * paths.
 */
export async function readGgufDirectory(
  path: string,
  lengths: ReadonlyMap<string, number> = new Map(),
): Promise<ModelSource> {
  const parts = await ggufParts(path)
  const tensors = new Map<string, TensorEntry>()
  let metadata: ModelMetadata = {}
  for (const [index, part] of parts.entries()) {
    const parsed = await parse(part, lengths.get(part))
    requireInOrder(part, parsed.metadata, { index, count: parts.length })
    if (index === 0) metadata = parsed.metadata
    for (const entry of tensorEntries(part, parsed)) tensors.set(...entry)
  }
  return {
    path,
    files: parts,
    metadata,
    tensors,
    computed: new Map(),
    rotaryLayout: 'of-family',
    nameInFiles: (name) => name,
    instead: 'a Q4_K_M or Q8_0 file',
  }
}

function requireInOrder(
  path: string,
  metadata: ModelMetadata,
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
