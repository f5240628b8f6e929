import { GUESSES } from '../graph/guess-nodes.ts'
import type { ExportedGraph } from '../graph/model-graph.ts'
import type { DecoderStep, LogitsDecoder, PairDecoder, PairRows, StreamStep } from './decoder.ts'
import { ExportedSession } from './exported-session.ts'
import { topCandidates } from './top-candidates.ts'

/** An exported graph as a single stream. */
export async function openExportedLogits(graph: ExportedGraph, threads: number): Promise<LogitsDecoder> {
  const session = await ExportedSession.create(graph, threads)
  return {
    shape: session.shape,
    run: async ({ streams: [stream], headRows }) => runStream(session, stream, headRows),
    release: () => session.release(),
  }
}

/** An exported graph as a pair: the streams run one after the other. */
export async function openExportedPair(graph: ExportedGraph, threads: number): Promise<PairDecoder> {
  const session = await ExportedSession.create(graph, threads)
  return {
    shape: session.shape,
    async run({ streams: [first, second], headRows, strength = 0 }) {
      const withProfile = await runStream(session, first, headRows)
      const without = await runStream(session, second, headRows)
      const rows = pairRows({ withProfile, without, strength, size: session.shape.vocabularySize })
      return { rows, publicLogits: without }
    },
    release: () => session.release(),
  }
}

async function runStream(
  session: ExportedSession,
  stream: StreamStep | undefined,
  headRows: DecoderStep['headRows'],
): Promise<Float32Array> {
  if (!stream || stream.tokens.length === 0) return new Float32Array(0)
  return session.run(stream.cache, stream.tokens, headRows ?? [stream.tokens.length - 1])
}

interface Logits {
  readonly withProfile: Float32Array
  readonly without: Float32Array
  readonly strength: number
  /** Of the vocabulary. */
  readonly size: number
}

/**
 * What the graph of a pair computes itself, from the logits of both streams; of no rows
 * when one of them sat out.
 */
function pairRows({ withProfile, without, strength, size }: Logits): PairRows {
  const count = Math.min(withProfile.length, without.length) / size
  const delta = new Float32Array(count * size)
  const steered = new Float32Array(count * size)
  for (let index = 0; index < delta.length; index++) {
    const difference = (withProfile[index] as number) - (without[index] as number)
    delta[index] = difference
    steered[index] = (without[index] as number) + strength * difference
  }
  const guesses = (scores: Float32Array) => {
    const rows = Array.from({ length: count }, (_, row) =>
      topCandidates(scores.subarray(row * size, (row + 1) * size), Math.min(GUESSES, size)),
    )
    return {
      tokens: Int32Array.from(rows.flatMap(({ ids }) => [...ids])),
      probabilities: Float32Array.from(rows.flatMap(({ logprobs }) => Array.from(logprobs, Math.exp))),
      normalisers: rows.map(
        ({ ids, logprobs }, row) => (scores[row * size + (ids[0] ?? 0)] ?? 0) - (logprobs[0] ?? 0),
      ),
    }
  }
  const open = guesses(without)
  const hidden = guesses(steered)
  return {
    count,
    delta,
    publicTokens: open.tokens,
    publicProbabilities: open.probabilities,
    privateTokens: hidden.tokens,
    privateProbabilities: hidden.probabilities,
    gain: Float32Array.from(hidden.normalisers, (after, row) => after - (open.normalisers[row] ?? 0)),
  }
}
