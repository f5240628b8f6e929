import type { DraftNode } from '../drafts/draft-node.ts'
import type { InFlightQuery } from './in-flight-queries.ts'
import type { LatencyEstimates } from './latency-estimates.ts'

/**
 * Milliseconds by which a query for the node, sent now, is expected to bring its token forward: compared
 * with a stream that may pass there, and with asking later, when a better guess or the truth is known.
 */
export function queryGain(
  node: DraftNode,
  { nowMs, latency, guessRate }: { nowMs: number; latency: LatencyEstimates; guessRate: number },
): number {
  const { parent, forecast } = node
  if (parent === null) return latency.firstAnswerMs
  const firstAnswerMs = latency.firstAnswerMs
  // Neither the parent nor the row lets the node be settled earlier than this.
  const earliest = Math.max(parent.forecast.settledAtMs, forecast.rowAtMs)
  const settledBy = (answerAtMs: number) => Math.max(earliest, answerAtMs)
  const onceSettled = settledBy(parent.forecast.settledAtMs + firstAnswerMs)
  const onceGuessed = settledBy(
    Math.min(Math.max(parent.forecast.rowAtMs, nowMs), parent.forecast.settledAtMs) + firstAnswerMs,
  )
  const later = parent.row === 'ready' ? onceSettled : guessRate * onceGuessed + (1 - guessRate) * onceSettled
  const { coverage } = forecast
  const otherwise =
    coverage === null
      ? later
      : coverage.probability * Math.min(later, settledBy(coverage.atMs)) + (1 - coverage.probability) * later
  const gain = otherwise - settledBy(nowMs + firstAnswerMs)
  return forecast.reach * Math.min(firstAnswerMs, Math.max(0, gain))
}

/** Milliseconds that would be lost by cancelling the query, as far as its next step is concerned. */
export function queryWorth({ head, expectedAtMs }: InFlightQuery, latency: LatencyEstimates): number {
  const { parent, forecast } = head
  if (parent === null) return Number.POSITIVE_INFINITY
  const asked = forecast.parentSettledAtMs + latency.firstAnswerMs
  const loss = asked - Math.max(expectedAtMs, forecast.parentSettledAtMs)
  return forecast.reach * Math.min(latency.firstAnswerMs, Math.max(0, loss))
}
