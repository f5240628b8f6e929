import type { Coverage, DraftNode } from '../drafts/draft-node.ts'
import type { GuessOdds } from '../drafts/guess-odds.ts'
import type { InFlightQuery } from './in-flight-queries.ts'
import type { LatencyEstimates } from './latency-estimates.ts'

/** Nodes less likely than this are not looked at. */
const LEAST_REACH = 0.003

export interface ForecastInput {
  readonly root: DraftNode
  /** Numbers the plans, so that forecasts of earlier ones can be told. */
  readonly plan: number
  readonly nowMs: number
  readonly odds: GuessOdds
  readonly latency: LatencyEstimates
  /** By the node that their next step answers. */
  readonly heads: ReadonlyMap<DraftNode, InFlightQuery>
  /** When the local engine is free. */
  readonly engineFreeAtMs: number
  /** Whether the answer can go on at the node. */
  readonly goesOn: (node: DraftNode) => boolean
}

/**
 * Writes a forecast into every node that the answer may reach, from the root down, and returns these
 * nodes. A node's token is settled when its parent's token, its row and its distribution are there.
 */
export function forecastTree(input: ForecastInput): DraftNode[] {
  const reachable: DraftNode[] = []
  visit(
    input,
    input.root,
    { reach: 1, parentRowAtMs: 0, parentSettledAtMs: input.nowMs, coverage: null },
    reachable,
  )
  return reachable
}

interface FromParent {
  readonly reach: number
  readonly parentRowAtMs: number
  readonly parentSettledAtMs: number
  readonly coverage: Coverage | null
}

function visit(input: ForecastInput, node: DraftNode, from: FromParent, reachable: DraftNode[]): void {
  const { nowMs, odds, latency } = input
  const { forecast } = node
  const coverage = coverageOf(input, node, from.coverage)
  forecast.plan = input.plan
  forecast.reach = from.reach
  forecast.coverage = coverage
  forecast.parentSettledAtMs = from.parentSettledAtMs
  forecast.rowAtMs = rowAtMs(input, node, from.parentRowAtMs)
  forecast.settledAtMs = Math.max(
    nowMs,
    from.parentSettledAtMs,
    forecast.rowAtMs,
    answerAtMs(node, latency.firstAnswerMs),
  )
  reachable.push(node)
  for (const { token, probability } of odds.following(node)) {
    const reach = from.reach * probability
    if (reach < LEAST_REACH) continue
    const child = node.child(token)
    if (!input.goesOn(child)) continue
    visit(
      input,
      child,
      {
        reach,
        parentRowAtMs: forecast.rowAtMs,
        parentSettledAtMs: forecast.settledAtMs,
        coverage: onward(node, coverage, input),
      },
      reachable,
    )
  }
}

function coverageOf({ heads }: ForecastInput, node: DraftNode, inherited: Coverage | null): Coverage | null {
  const query = heads.get(node)
  if (query === undefined) return inherited
  return { atMs: query.expectedAtMs, probability: 1, left: query.left - 1 }
}

/** What a stream that answers `node` promises for the position after the emitted token. */
function onward(
  node: DraftNode,
  coverage: Coverage | null,
  { odds, latency }: ForecastInput,
): Coverage | null {
  // Once answered, the stream's head is a child and carries the coverage itself.
  if (node.distribution !== null || coverage === null || coverage.left === 0) return null
  return {
    atMs: coverage.atMs + latency.nextAnswerMs,
    probability: coverage.probability * odds.greedyRate,
    left: coverage.left - 1,
  }
}

function rowAtMs({ engineFreeAtMs, latency }: ForecastInput, node: DraftNode, parentRowAtMs: number): number {
  if (node.row === 'ready') return 0
  if (node.row === 'fed') return engineFreeAtMs
  return Math.max(engineFreeAtMs, parentRowAtMs) + latency.feedMs(1)
}

/**
 * When the upstream's answer for the node is expected if no further query is sent before
 * its parent is settled.
 */
function answerAtMs({ distribution, forecast }: DraftNode, firstAnswerMs: number): number {
  if (distribution !== null) return 0
  const asked = forecast.parentSettledAtMs + firstAnswerMs
  const { coverage } = forecast
  if (coverage === null) return asked
  return coverage.probability * Math.min(coverage.atMs, asked) + (1 - coverage.probability) * asked
}
