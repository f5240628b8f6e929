// Packing: the runtime's kernels compute with weights in an order of their own. This room owns that form in
// the file of the weights, where all sessions map it, instead of each keeping a copy. It must not know what
// a model is for.

import { mkdtemp, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { KeyValueCache } from '../cache/key-value-cache.ts'
import type { StoredSession } from '../decoder/create-session.ts'
import { DecoderSession } from '../decoder/decoder-session.ts'
import type { BuiltGraph } from '../graph/model-graph.ts'
import { type PackedBlob, packedBlobs, withPackedBlobs } from './packed-blobs.ts'

/** The kernels look for parts at multiples of less than this, counted from where the whole lies in memory. */
const ALIGNMENT = 4096
const COPIED_BYTES = 2 ** 22
const STORED_WEIGHTS = 'stored.bin'

/**
 * Appends the packed form of the matrices to the file of the weights, and tells the graphs where it is. A
 * session on another kind of processor, or of another runtime, packs anew and takes what is stored only where
 * it is the same. Blocks the thread. When it rejects, or the packed graphs do not compute the same bits, the
 * files are as they were.
 */
export async function packWeights(graph: BuiltGraph): Promise<void> {
  const paths = Object.values(graph.graphPaths)
  const folder = dirname(graph.graphPaths.pair)
  const graphs = await Promise.all(paths.map((path) => readFile(path)))
  const weightsPath = join(folder, 'weights.bin')
  const { size } = await stat(weightsPath)
  const drafts = await mkdtemp(join(folder, 'packing-'))
  const restore = async () => {
    for (const [index, path] of paths.entries()) await writeFile(path, graphs[index] ?? '')
    await truncate(weightsPath, size)
  }
  try {
    const stored: StoredSession = { path: join(drafts, 'stored.onnx'), weightsFile: STORED_WEIGHTS }
    const unpacked = await firstStep(graph, stored)
    const blobs = packedBlobs(await readFile(stored.path), await readFile(graph.graphPaths.pair))
    if (blobs.size === 0) return
    const moved = await appendBlobs(blobs, { from: join(drafts, STORED_WEIGHTS), to: weightsPath })
    for (const [index, path] of paths.entries())
      await writeFile(path, withPackedBlobs(graphs[index] ?? new Uint8Array(), moved))
    if (!sameBits(unpacked, await firstStep(graph))) await restore()
  } catch (error) {
    await restore()
    throw error
  } finally {
    await rm(drafts, { recursive: true, force: true })
  }
}

/** Copies blobs to pages of their own. Returns the same with their new places. */
async function appendBlobs(
  blobs: ReadonlyMap<number, PackedBlob>,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<Map<number, PackedBlob>> {
  const source = await open(from, 'r')
  const target = await open(to, 'r+')
  const moved = new Map<number, PackedBlob>()
  try {
    let { size: end } = await target.stat()
    const buffer = Buffer.alloc(COPIED_BYTES)
    for (const [matrix, { key, parts }] of blobs) {
      const newParts: PackedBlob['parts'][number][] = []
      for (const { offset, length } of parts) {
        const start = Math.ceil(end / ALIGNMENT) * ALIGNMENT
        for (let done = 0; done < length; ) {
          const wanted = Math.min(COPIED_BYTES, length - done)
          const { bytesRead } = await source.read(buffer, 0, wanted, offset + done)
          if (bytesRead === 0) throw new Error('the stored session is cut short')
          await target.write(buffer, 0, bytesRead, start + done)
          done += bytesRead
        }
        end = start + length
        newParts.push({ offset: start, length })
      }
      moved.set(matrix, { key, parts: newParts })
    }
    await target.sync()
  } finally {
    await source.close()
    await target.close()
  }
  return moved
}

/** What a session says after the first tokens, two in one stream and one in the other. */
async function firstStep(graph: BuiltGraph, storeAs?: StoredSession): Promise<Float32Array[]> {
  const threads = availableParallelism()
  const session = await DecoderSession.create(graph, { kind: 'pair', threads, ...(storeAs && { storeAs }) })
  try {
    const { vocabularySize } = graph.shape
    const step = (tokens: readonly number[]) => ({
      cache: new KeyValueCache(graph.shape, tokens.length),
      tokens: Int32Array.from(tokens, (token) => token % vocabularySize),
    })
    const [first] = await session.runTogether([{ streams: [step([1, 2]), step([3])], headRows: [0] }])
    return [first?.outputs.delta?.data, first?.newRows.values].map((values) =>
      Float32Array.from(values as Float32Array),
    )
  } finally {
    await session.release()
  }
}

function sameBits(one: readonly Float32Array[], other: readonly Float32Array[]): boolean {
  return one.every((values, index) => values.every((value, at) => Object.is(value, other[index]?.[at])))
}
