import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DecoderSession } from '../../../src/slm/decoder/decoder-session.ts'
import { openGguf } from '../../../src/slm/gguf/open-gguf.ts'
import type { BuiltGraph } from '../../../src/slm/graph/model-graph.ts'
import { prepareGraph } from '../../../src/slm/graph/prepare-graph.ts'
import type { WeightPrecision } from '../../../src/slm/graph/weight-store.ts'
import { steppedLogits } from '../decoder/stepped-logits.ts'
import { type TinyFamily, tinyFamilyFile } from './tiny-families.ts'

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

export async function logitsWith<Precision extends WeightPrecision>(
  prepared: { prepare(precision: Precision): Promise<BuiltGraph> },
  { precision, tokens }: { readonly precision: Precision; readonly tokens: Int32Array },
): Promise<Float32Array[]> {
  const session = await DecoderSession.create(await prepared.prepare(precision), {
    kind: 'logits',
    threads: 2,
  })
  const rows = await steppedLogits(session, tokens)
  await session.release()
  return rows
}
