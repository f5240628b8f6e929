// GGUF: what a model file holds. This room owns its metadata, sizes and weights. It must not know how weights
// are stored afterwards, or computed with.

import { type FileHandle, open } from 'node:fs/promises'
import { familyOf } from '../families/families.ts'
import { modelFileInvalid } from '../model-file-invalid.ts'
import { separateTensors } from './fused-tensors.ts'
import { type GgufMetadata, readGgufDirectory, type TensorEntry } from './gguf-directory.ts'
import { type ModelShape, readModelShape } from './model-shape.ts'
import type { ModelWeights } from './model-weights.ts'
import { interleavedToHalves } from './rotary-layout.ts'
import { unknownWeight, weightNames } from './weight-names.ts'

const CHUNK_BYTES = 4 * 2 ** 20

export interface GgufModel extends ModelWeights {
  readonly metadata: GgufMetadata
  /** Throws GatewayError `model_file_invalid` when a weight is missing or of a type that cannot be read. */
  requireReadable(): void
}

/**
 * Opens a GGUF file of a supported architecture, or all parts of a split one by any of them or their folder.
 * Only metadata and directory are read now; tensors are read one by one. Rejects with GatewayError
 * `model_file_invalid` for a truncated, foreign or unsupported file. Close it after use.
 */
export async function openGguf(path: string): Promise<GgufModel> {
  const directory = await readGgufDirectory(path)
  const shape = readModelShape(path, directory)
  const tensors = separateTensors(directory.tensors, shape)
  const files = new Map<string, FileHandle>()
  for (const part of directory.files) files.set(part, await open(part, 'r'))
  return {
    shape,
    metadata: directory.metadata,
    has: (name) => tensors.has(name),
    requireReadable() {
      const wanted = weightNames(shape)
      for (const name of wanted) {
        const entry = tensors.get(name)
        if (!entry) throw missingTensor(path, name)
        if (!entry.format) throw unsupportedType(path, name, entry)
      }
      const surplus = unknownWeight([...tensors.keys()], wanted, shape)
      if (surplus !== undefined) throw unknownTensor(path, surplus)
    },
    async read(name) {
      const entry = tensors.get(name)
      if (!entry) throw missingTensor(path, name)
      const heads = interleavedHeads(name, shape)
      const values = await dequantiseTensor(files.get(entry.file) as FileHandle, name, entry)
      if (heads === null) return values
      return interleavedToHalves(values, {
        heads,
        rowLength: entry.shape.length > 1 ? (entry.shape.at(-1) ?? 1) : 1,
        rotated: shape.rotations.find((rotation) => rotation !== null)?.dimensions ?? shape.headDim,
      })
    },
    async close() {
      for (const file of files.values()) await file.close()
    },
  }
}

/** How many heads the tensor holds whose rows have to be reordered; null when none have. */
function interleavedHeads(name: string, shape: ModelShape): number | null {
  if (familyOf(shape.family).rotaryLayout !== 'interleaved') return null
  if (/\.attn_q\.(weight|bias)$/.test(name)) return shape.heads
  if (/\.attn_k\.(weight|bias)$/.test(name)) return shape.kvHeads
  return null
}

async function dequantiseTensor(file: FileHandle, name: string, entry: TensorEntry): Promise<Float32Array> {
  const { format, values, file: path, offsetBytes } = entry
  if (!format) throw unsupportedType(path, name, entry)
  const out = new Float32Array(values)
  const blocks = values / format.values
  const chunkBlocks = Math.max(1, Math.min(blocks, Math.floor(CHUNK_BYTES / format.bytes)))
  const buffer = new Uint8Array(chunkBlocks * format.bytes)
  for (let done = 0; done < blocks; done += chunkBlocks) {
    const now = Math.min(chunkBlocks, blocks - done)
    const wanted = now * format.bytes
    const { bytesRead } = await file.read(buffer, 0, wanted, offsetBytes + done * format.bytes)
    if (bytesRead !== wanted)
      throw modelFileInvalid(path, `it ends inside ${name}; it is incomplete. Fetch it again.`)
    format.dequantise(buffer, now, out, done * format.values)
  }
  return out
}

function missingTensor(path: string, name: string) {
  return modelFileInvalid(path, `it has no tensor ${name}. Fetch or convert it again.`)
}

function unknownTensor(path: string, name: string) {
  const what = `it has a tensor ${name}, which nothing here computes with, so that its answers would be wrong.`
  return modelFileInvalid(path, `${what} Take another model.`)
}

function unsupportedType(path: string, name: string, { typeName }: TensorEntry) {
  return modelFileInvalid(path, `${name} has the unsupported type ${typeName}. Take a Q4_K_M or Q8_0 file.`)
}
