import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KeyValueCache } from '../../../src/slm/cache/key-value-cache.ts'
import { stepTokens } from '../../../src/slm/decoder/decoder.ts'
import { DecoderSession } from '../../../src/slm/decoder/decoder-session.ts'
import { openGguf } from '../../../src/slm/gguf/open-gguf.ts'
import type { BuiltGraph } from '../../../src/slm/graph/model-graph.ts'
import { prepareGraph } from '../../../src/slm/graph/prepare-graph.ts'
import type { WeightPrecision } from '../../../src/slm/graph/weight-store.ts'
import { type TinyFamily, tinyFamilyFile, VOCABULARY_SIZE } from './tiny-families.ts'

/** A tiny family as a file, and its graphs. */
export interface PreparedFamily {
  readonly file: string
  prepare(precision: WeightPrecision): Promise<BuiltGraph>
  remove(): Promise<void>
}

export async function prepareFamily(family: TinyFamily): Promise<PreparedFamily> {
  const folder = await mkdtemp(join(tmpdir(), 'tiny-family-'))
  const file = join(folder, 'model.gguf')
  await writeFile(file, tinyFamilyFile(family))
  return {
    file,
    prepare: (precision) =>
      prepareGraph(join(folder, String(precision)), {
        source: 'tiny',
        precision,
        openWeights: () => openGguf(file),
      }),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Logits after each token, fed in steps of the given sizes, over and over. */
export async function logitsOf(
  session: DecoderSession,
  tokens: Int32Array,
  sizes: readonly number[] = [64],
): Promise<Float32Array[]> {
  const cache = new KeyValueCache(session.shape, 16)
  const rows: Float32Array[] = []
  for (let turn = 0; cache.length < tokens.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    const count = stepTokens(cache.length, Math.min(size, tokens.length - cache.length))
    const { logits } = await session.run({
      streams: [{ cache, tokens: tokens.subarray(cache.length, cache.length + count) }],
      headRows: Array.from({ length: count }, (_, row) => row),
    })
    const data = logits?.data as Float32Array
    for (let row = 0; row < count; row++)
      rows.push(data.slice(row * VOCABULARY_SIZE, (row + 1) * VOCABULARY_SIZE))
  }
  return rows
}

export async function logitsWith<Precision extends WeightPrecision>(
  prepared: { prepare(precision: Precision): Promise<BuiltGraph> },
  { precision, tokens }: { readonly precision: Precision; readonly tokens: Int32Array },
): Promise<Float32Array[]> {
  const session = await DecoderSession.create(await prepared.prepare(precision), {
    kind: 'logits',
    threads: 2,
  })
  const rows = await logitsOf(session, tokens)
  await session.release()
  return rows
}
