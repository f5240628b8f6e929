import type { WireTokenTrace } from '../../src/proxy/answers/trace/trace-schema.ts'
import { median } from './median.ts'

/**
 * Milliseconds that the way to the large model and back takes, told from queries that returned several
 * tokens: their first one comes later than the next ones follow each other. Null without such a query.
 */
export function networkEstimate(traces: readonly WireTokenTrace[]): number | null {
  const answered = new Map<number, number[]>()
  for (const { upstreamQuery } of traces) {
    const ends = answered.get(upstreamQuery.startMs) ?? []
    if (!ends.includes(upstreamQuery.endMs)) ends.push(upstreamQuery.endMs)
    answered.set(upstreamQuery.startMs, ends)
  }
  const ways = [...answered].flatMap(([startMs, ends]) => {
    const inOrder = ends.toSorted((a, b) => a - b)
    const steps = inOrder.slice(1).map((endMs, index) => endMs - (inOrder[index] ?? endMs))
    const step = median(steps)
    return step === null ? [] : [(inOrder[0] ?? startMs) - startMs - step]
  })
  const way = median(ways)
  return way === null ? null : Math.max(0, way)
}
