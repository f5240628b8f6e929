import type { WireTokenTrace } from '../../src/proxy/answers/trace/trace-schema.ts'

/** A stretch of work, which may have served several tokens. Milliseconds since the answer began. */
export interface TimelineBar {
  readonly startMs: number
  readonly endMs: number
  /** From 0; bars of one row do not overlap. */
  readonly row: number
  /** Positions of the tokens that the work served. */
  readonly positions: readonly number[]
}

export interface TimelineLayout {
  readonly upstream: readonly TimelineBar[]
  readonly local: readonly TimelineBar[]
  readonly upstreamRows: number
  readonly localRows: number
  readonly endMs: number
}

/** Where the bars of an answer's work stand. */
export function timelineLayout(traces: readonly WireTokenTrace[]): TimelineLayout {
  const upstream = packed(traces.map(({ position, upstreamQuery }) => ({ position, span: upstreamQuery })))
  const local = packed(
    traces.flatMap(({ position, local: span }) => (span === null ? [] : [{ position, span }])),
  )
  const endMs = traces.reduce(
    (latest, { emittedMs, upstreamQuery, local: span }) =>
      Math.max(latest, emittedMs, upstreamQuery.endMs, span?.endMs ?? 0),
    0,
  )
  return { upstream, local, upstreamRows: rowsOf(upstream), localRows: rowsOf(local), endMs }
}

function rowsOf(bars: readonly TimelineBar[]) {
  return bars.reduce((rows, { row }) => Math.max(rows, row + 1), 1)
}

interface Work {
  readonly position: number
  readonly span: { readonly startMs: number; readonly endMs: number }
}

/** Joins equal spans and puts each bar into the first row that is free by then. */
function packed(work: readonly Work[]): TimelineBar[] {
  const bySpan = new Map<string, { span: Work['span']; positions: number[] }>()
  for (const { position, span } of work) {
    const key = `${span.startMs} ${span.endMs}`
    const known = bySpan.get(key)
    if (known === undefined) bySpan.set(key, { span, positions: [position] })
    else known.positions.push(position)
  }
  const rowEnds: number[] = []
  return [...bySpan.values()]
    .sort((a, b) => a.span.startMs - b.span.startMs)
    .map(({ span, positions }) => {
      const free = rowEnds.findIndex((end) => end <= span.startMs)
      const row = free < 0 ? rowEnds.length : free
      rowEnds[row] = span.endMs
      return { ...span, row, positions }
    })
}

/** A step between ticks such that few enough of them stand over `rangeMs`: 1, 2 or 5 times a power of ten. */
export function tickStep(rangeMs: number, ticks: number): number {
  const least = Math.max(rangeMs, 1) / ticks
  const power = 10 ** Math.floor(Math.log10(least))
  return ([1, 2, 5].find((factor) => factor * power >= least) ?? 10) * power
}
