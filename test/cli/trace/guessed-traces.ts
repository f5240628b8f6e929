import type { TraceReport } from '../../../src/gateway/tracing/trace-report.ts'

function named(id: number, shown: string) {
  return { id, text: shown }
}

/** Two tokens of one query, of which the second was guessed wrong, then one that was guessed right. */
export const guessedTraces: TraceReport[] = [
  { local: { startMs: 0, endMs: 9 }, upstreamQuery: { startMs: 0, endMs: 12 }, draft: null },
  { local: { startMs: 12, endMs: 20 }, upstreamQuery: { startMs: 0, endMs: 18 }, draft: named(7, 'no') },
  {
    local: { startMs: 20, endMs: 24 },
    upstreamQuery: { startMs: 13, endMs: 22 },
    draft: named(2, '</text>&"\u0000'),
  },
].map((part, position) => ({
  ...part,
  position,
  token: named(position, position === 2 ? '</text>&"\u0000' : ` w${position}`),
  upstream: [{ ...named(1, 'up'), logprob: -0.5 }],
  steered: [{ ...named(2, 'st'), logprob: -0.1, delta: 1 }],
  unsteered: named(1, 'up'),
  shift: 0.25,
  emittedMs: part.local.endMs + 4,
}))
