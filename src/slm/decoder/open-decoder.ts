import { PUBLIC_LOGITS } from '../graph/guess-nodes.ts'
import type { ModelGraph } from '../graph/model-graph.ts'
import type { LogitsDecoder, PairDecoder, PairOutputs, TreeRows } from './decoder.ts'
import { type DecoderRun, DecoderSession, type Outputs } from './decoder-session.ts'
import { openExportedLogits, openExportedPair } from './exported-decoders.ts'

interface DecoderOptions {
  readonly graph: ModelGraph
  /** Cores to compute with. */
  readonly threads: number
}

/** Loads a model as a single stream. */
export async function openLogitsDecoder({ graph, threads }: DecoderOptions): Promise<LogitsDecoder> {
  if (graph.layout === 'exported') return openExportedLogits(graph, threads)
  const session = await DecoderSession.create(graph, { kind: 'logits', threads })
  return {
    shape: session.shape,
    run: async (step) => (await session.run(step)).logits?.data as Float32Array,
    release: () => session.release(),
  }
}

/** Loads a model as a pair of streams. */
export async function openPairDecoder({ graph, threads }: DecoderOptions): Promise<PairDecoder> {
  if (graph.layout === 'exported') return openExportedPair(graph, threads)
  const session = await DecoderSession.create(graph, { kind: 'pair', threads })
  let many: Promise<DecoderSession | null> | null = null
  return {
    shape: session.shape,
    run: async (step) => pairOutputs(await session.run(step)),
    runTree: async (step) => treeRows(await session.runTree(step)),
    async runTogether(steps) {
      // Without it, for want of memory perhaps, answers are slower and no worse
      many ??= DecoderSession.create(graph, { kind: 'pairs', threads }).catch(() => null)
      const shared = await many
      if (shared !== null) return (await shared.runTogether(steps)).map(treeRows)
      const rows: TreeRows[] = []
      for (const step of steps) rows.push(...(await session.runTogether([step])).map(treeRows))
      return rows
    },
    async release() {
      await session.release()
      await (await many)?.release()
    },
  }
}

function treeRows({ outputs, newRows, starts }: DecoderRun): TreeRows {
  return { ...pairOutputs(outputs), newRows, starts }
}

function pairOutputs(outputs: Outputs): PairOutputs {
  const rows = {
    count: outputs.delta?.dims[1] ?? 0,
    delta: outputs.delta?.data as Float32Array,
    publicTokens: Int32Array.from(outputs.public_tokens?.data as BigInt64Array, Number),
    publicProbabilities: outputs.public_probabilities?.data as Float32Array,
    privateTokens: Int32Array.from(outputs.private_tokens?.data as BigInt64Array, Number),
    privateProbabilities: outputs.private_probabilities?.data as Float32Array,
    gain: outputs.gain?.data as Float32Array,
  }
  return { rows, publicLogits: (outputs[PUBLIC_LOGITS]?.data as Float32Array | undefined) ?? null }
}
