// GGUF: what a model file holds. This room owns its metadata, sizes and weights, and the table of
// architectures. It must not know how weights are stored afterwards, or computed with.

import { type FileHandle, open } from 'node:fs/promises'
import { modelFileInvalid } from '../model-file-invalid.ts'
import { architectures } from './architectures.ts'
import { type GgufMetadata, readGgufDirectory, type TensorEntry } from './gguf-directory.ts'
import { type ModelShape, readModelShape } from './model-shape.ts'
import type { ModelWeights } from './model-weights.ts'
import { interleavedToHalves } from './rotary-layout.ts'

const CHUNK_BYTES = 4 * 2 ** 20

export interface GgufModel extends ModelWeights {
  readonly metadata: GgufMetadata
}

/**
 * Opens a GGUF file of a supported architecture. Only metadata and directory are read
 * now; tensors are read one by one. Rejects with GatewayError `model_file_invalid` for a
 * truncated, foreign or unsupported file. Close it after use.
 */
export async function openGguf(path: string): Promise<GgufModel> {
  const directory = await readGgufDirectory(path)
  const shape = readModelShape(path, directory)
  const file = await open(path, 'r')
  return {
    shape,
    metadata: directory.metadata,
    has: (name) => directory.tensors.has(name),
    async read(name) {
      const entry = directory.tensors.get(name)
      if (!entry) throw modelFileInvalid(path, `it has no tensor ${name}. Fetch or convert it again.`)
      const heads = interleavedHeads(name, shape)
      const values = await dequantiseTensor(path, file, name, entry)
      if (heads === null) return values
      return interleavedToHalves(values, {
        heads,
        rowLength: entry.shape.length > 1 ? (entry.shape.at(-1) ?? 1) : 1,
      })
    },
    close: () => file.close(),
  }
}

/** How many heads the tensor holds whose rows have to be reordered; null when none have. */
function interleavedHeads(name: string, shape: ModelShape): number | null {
  if (architectures[shape.architecture].rotaryLayout !== 'interleaved') return null
  if (/\.attn_q\.(weight|bias)$/.test(name)) return shape.heads
  if (/\.attn_k\.(weight|bias)$/.test(name)) return shape.kvHeads
  return null
}

async function dequantiseTensor(
  path: string,
  file: FileHandle,
  name: string,
  { format, typeName, values, offsetBytes }: TensorEntry,
): Promise<Float32Array> {
  if (!format)
    throw modelFileInvalid(path, `${name} has the unsupported type ${typeName}. Take a Q4_K_M or Q8_0 file.`)
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
