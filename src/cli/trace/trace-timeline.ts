// This room owns the drawing of a trace. It knows the trace that the gateway sends, and nothing of how it
// came about.

import type { WireTokenTrace } from '../../proxy/answers/trace/trace-schema.ts'
import type { TraceRecording } from './trace-recording.ts'

/** What became of the guess for a token's position. */
export type DraftOutcome = 'accepted' | 'rejected' | 'none'

/** A stretch of work with the tokens that came of it. Milliseconds since the answer began. */
export interface TimelineSpan {
  readonly startMs: number
  readonly endMs: number
  readonly tokens: readonly WireTokenTrace[]
}

export interface Timeline {
  /** Forward passes of the local pair; the first is the prefill, if the answer waited for it. */
  readonly local: readonly TimelineSpan[]
  /** Upstream queries that answered an emitted position, from sending to the last answer that counted. */
  readonly upstream: readonly TimelineSpan[]
  readonly tokens: readonly (WireTokenTrace & { readonly outcome: DraftOutcome })[]
  readonly endMs: number
  readonly requests: number
  readonly accepted: number
  readonly rejected: number
}

/** Puts a trace together again as what ran when. */
export function traceTimeline({ tokens, requests }: TraceRecording): Timeline {
  const outcomes = tokens.map((trace) => ({ ...trace, outcome: draftOutcome(trace) }))
  const count = (outcome: DraftOutcome) => outcomes.filter((token) => token.outcome === outcome).length
  return {
    local: spansOf(tokens, ({ local }) => local),
    upstream: spansOf(tokens, ({ upstreamQuery }) => upstreamQuery),
    tokens: outcomes,
    endMs: tokens.reduce((latest, { emittedMs }) => Math.max(latest, emittedMs), 0),
    requests: requests.length,
    accepted: count('accepted'),
    rejected: count('rejected'),
  }
}

function draftOutcome({ draft, token }: WireTokenTrace): DraftOutcome {
  if (draft === null) return 'none'
  return draft.id === token.id ? 'accepted' : 'rejected'
}

/** Tokens whose parts began together came of the same pass or query. */
function spansOf(
  tokens: readonly WireTokenTrace[],
  partOf: (token: WireTokenTrace) => { readonly startMs: number; readonly endMs: number } | null,
): TimelineSpan[] {
  const spans = new Map<number, WireTokenTrace[]>()
  for (const token of tokens) {
    const part = partOf(token)
    if (part === null) continue
    const together = spans.get(part.startMs)
    if (together === undefined) spans.set(part.startMs, [token])
    else together.push(token)
  }
  return Array.from(spans, ([startMs, together]) => ({
    startMs,
    endMs: together.reduce((latest, token) => Math.max(latest, partOf(token)?.endMs ?? 0), startMs),
    tokens: together,
  })).sort((a, b) => a.startMs - b.startMs)
}
