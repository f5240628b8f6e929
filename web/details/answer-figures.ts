import type { WireTokenTrace } from '../../src/proxy/answers/trace/trace-schema.ts'
import { median } from './median.ts'
import { networkEstimate } from './network-estimate.ts'

/** What can be said of an answer in a few numbers; null where nothing was measured. */
export interface AnswerFigures {
  readonly tokens: number
  readonly tokensPerSecond: number | null
  /** Of the positions that had a guess, the share that kept it; [0, 1]. */
  readonly acceptedShare: number | null
  readonly medianUpstreamMs: number | null
  readonly medianLocalMs: number | null
  /** To the large model and back. */
  readonly networkMs: number | null
}

export function answerFigures(traces: readonly WireTokenTrace[]): AnswerFigures {
  const guessed = traces.filter(({ draft }) => draft !== null)
  const accepted = guessed.filter(({ draft, token }) => draft?.id === token.id)
  const [first, last] = [traces[0], traces.at(-1)]
  const streamedMs = first === undefined || last === undefined ? 0 : last.emittedMs - first.emittedMs
  return {
    tokens: traces.length,
    tokensPerSecond: streamedMs > 0 ? ((traces.length - 1) * 1000) / streamedMs : null,
    acceptedShare: guessed.length === 0 ? null : accepted.length / guessed.length,
    medianUpstreamMs: median(traces.map(({ upstreamQuery }) => upstreamQuery.endMs - upstreamQuery.startMs)),
    medianLocalMs: median(
      traces.flatMap(({ local }) => (local === null ? [] : [local.endMs - local.startMs])),
    ),
    networkMs: networkEstimate(traces),
  }
}
