// Weights: what a model's files hold, whichever form they have. This room owns sizes, names of weights and
// their values as numbers. It must not know forms of files, how weights are stored afterwards, or computed
// with.

import { type FileHandle, open } from 'node:fs/promises'
import { familyOf } from '../families/families.ts'
import { modelFileInvalid } from '../model-file-invalid.ts'
import type { BlockFormat } from './block-format.ts'
import { separateTensors } from './fused-tensors.ts'
import { type ModelShape, readModelShape } from './model-shape.ts'
import type { ModelMetadata, ModelSource, TensorEntry } from './model-source.ts'
import type { ModelWeights } from './model-weights.ts'
import { interleavedToHalves } from './rotary-layout.ts'
import { unknownWeight, weightShapes } from './weight-shapes.ts'

const CHUNK_BYTES = 4 * 2 ** 20

/** A model's weights, with what its files say of it. */
export interface OpenedModel extends ModelWeights {
  readonly metadata: ModelMetadata
  /**
   * Throws GatewayError `model_file_invalid` when a weight is missing, has another size than the model's, or
   * is of a type that cannot be read.
   */
  requireReadable(): void
}

/**
 * Opens the files of a model of a supported architecture; tensors are read one by one. Rejects with
 * GatewayError `model_file_invalid`. Close it after use.
 */
export async function openWeights(source: ModelSource): Promise<OpenedModel> {
  const { computed } = source
  const shape = readModelShape(source)
  const tensors = separateTensors(source.tensors, shape)
  const files = new Map<string, FileHandle>()
  for (const part of source.files) files.set(part, await open(part, 'r'))
  return {
    shape,
    metadata: source.metadata,
    has: (name) => tensors.has(name) || computed.has(name),
    requireReadable() {
      const wanted = weightShapes(shape)
      for (const [name, size] of wanted.all) {
        const entry = tensors.get(name)
        if (!entry && wanted.optional.has(name)) continue
        if (!entry) throw missingTensor(source, name)
        if (!entry.format) throw unsupportedType(source, name, entry)
        if (size.join() !== entry.shape.join()) throw wrongShape(source, name, { entry, size })
      }
      const surplus = unknownWeight([...tensors.keys()], wanted)
      if (surplus !== undefined) throw unknownTensor(source, surplus)
    },
    async read(name) {
      const given = computed.get(name)
      if (given) return given.slice()
      const entry = tensors.get(name)
      if (!entry) throw missingTensor(source, name)
      const { format } = entry
      if (!format) throw unsupportedType(source, name, entry)
      const heads = source.rotaryLayout === 'halves' ? null : interleavedHeads(name, shape)
      const values = await dequantised(files.get(entry.file) as FileHandle, name, { ...entry, format })
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

async function dequantised(
  file: FileHandle,
  name: string,
  { format, values, file: path, offsetBytes, added = 0 }: TensorEntry & { readonly format: BlockFormat },
): Promise<Float32Array> {
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
  if (added !== 0) for (let at = 0; at < values; at++) out[at] = (out[at] as number) + added
  return out
}

function missingTensor({ path, nameInFiles }: ModelSource, name: string) {
  return modelFileInvalid(path, `it has no tensor ${nameInFiles(name)}. Fetch or convert it again.`)
}

function unknownTensor({ path, nameInFiles }: ModelSource, name: string) {
  const tensor = nameInFiles(name)
  const what = `it has a tensor ${tensor}, which nothing here computes with, so that its answers would be wrong.`
  return modelFileInvalid(path, `${what} Take another model.`)
}

function unsupportedType(
  { path, nameInFiles, instead }: ModelSource,
  name: string,
  { typeName }: TensorEntry,
) {
  const what = `${nameInFiles(name)} has the unsupported type ${typeName}.`
  return modelFileInvalid(path, `${what} Take ${instead}.`)
}

function wrongShape(
  { path, nameInFiles }: ModelSource,
  name: string,
  { entry, size }: { readonly entry: TensorEntry; readonly size: readonly number[] },
) {
  const sizes = `${entry.shape.join(' x ') || 'one value'} instead of ${size.join(' x ')}`
  return modelFileInvalid(path, `${nameInFiles(name)} has ${sizes}. Fetch or convert it again.`)
}
