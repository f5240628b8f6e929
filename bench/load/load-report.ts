import { quantile } from '../../src/cli/bench/quantile.ts'
import { fairnessOf } from './fairness.ts'
import type { LoadResult } from './load-run.ts'
import { memoryTrend } from './memory-trend.ts'

/** Of the mean of the second half, in one minute. */
const FLAT_SHARE_PER_MINUTE = 0.02
const FAIR_JAIN = 0.95
/** What a start of the small model may take: 2.5 times its file, and 150 MB. */
const START_BYTES = 395e6
/** Shorter runs tell nothing of a trend. */
const TREND_SECONDS = 120

/** What a run measured of speed, fairness and memory, and what it left behind. */
export function loadFigures(result: LoadResult) {
  const { clients, options, memory } = result
  const sum = (amount: (client: LoadResult['clients'][number]) => number) =>
    clients.reduce((total, client) => total + amount(client), 0)
  const failures = clients.flatMap((client) => client.failures)
  return {
    failures,
    answers: sum(({ answers }) => answers),
    left: sum(({ left }) => left),
    tokensPerSecond: sum(({ tokens }) => tokens) / options.seconds,
    cpuMsPerToken: result.cpuMs === null ? null : result.cpuMs / sum(({ tokens }) => tokens),
    fairness: fairnessOf(clients.map(({ tokens }) => tokens)),
    firstTokenMs: clients.flatMap(({ firstTokenMs }) => firstTokenMs),
    waitsMs: clients.flatMap(({ waitsMs }) => waitsMs),
    trend: memoryTrend(memory),
    residentPeakBytes: Math.max(...memory.map(({ residentBytes }) => residentBytes)),
    activeRequests: (result.metrics.http_server_active_requests ?? 1) - 1,
    queriesInFlight: result.metrics.costeer_upstream_queries_in_flight ?? 0,
    localSequences: result.metrics.costeer_local_sequences ?? 0,
    budgetBytes: result.metrics.costeer_memory_budget_bytes ?? 0,
    cacheBytes: Object.entries(result.metrics).reduce(
      (sum, [name, bytes]) => sum + (name.startsWith('costeer_memory_used_bytes') ? bytes : 0),
      0,
    ),
    rightGuesses: shareOf(
      result.metrics['costeer_guesses_total{outcome="accepted"}'],
      result.metrics['costeer_guesses_total{outcome="rejected"}'],
    ),
  }
}

/** What a run promised and did not keep, a sentence each. */
export function brokenPromises(result: LoadResult): string[] {
  const { failures, fairness, trend, ...left } = loadFigures(result)
  const [first = 0, , third = 0, last = 0] = trend.quarterBytes
  const isLong = result.options.seconds >= TREND_SECONDS
  const allowed = ((third + last) / 2) * FLAT_SHARE_PER_MINUTE
  return [
    ...[...new Set(failures)].slice(0, 5).map((failure) => `A request failed: ${failure}`),
    ...(isLong && trend.slopeBytesPerMinute > allowed
      ? [`Memory grows by ${mib(trend.slopeBytesPerMinute)} a minute.`]
      : []),
    // What is kept of earlier prompts is not there yet in the beginning.
    ...(isLong && last - left.cacheBytes > first * 1.1
      ? [`Memory grew from ${mib(first)} in the first quarter to ${mib(last)} in the last.`]
      : []),
    ...(fairness.min === 0 ? ['A client got nothing.'] : []),
    ...(fairness.jain < FAIR_JAIN
      ? [`Progress was not fair: Jain's index ${fairness.jain.toFixed(3)}.`]
      : []),
    ...(left.activeRequests === 0 ? [] : [`${left.activeRequests} requests are under way after the end.`]),
    ...(left.queriesInFlight === 0 ? [] : [`${left.queriesInFlight} queries are in flight after the end.`]),
    ...(left.localSequences === 0 ? [] : [`${left.localSequences} local pairs are open after the end.`]),
    ...(trend.peakBytes <= left.budgetBytes + START_BYTES
      ? []
      : [`Memory reached ${mib(trend.peakBytes)}, of ${mib(left.budgetBytes + START_BYTES)} allowed.`]),
    ...(left.cacheBytes <= left.budgetBytes ? [] : [`The caches hold ${mib(left.cacheBytes)}.`]),
  ]
}

export function reportText(result: LoadResult): string {
  const { options } = result
  const { failures, answers, fairness, firstTokenMs, waitsMs, trend, ...measured } = loadFigures(result)
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`
  return [
    `${options.streams} streams on the ${options.upstream} upstream for ${options.seconds} s, ${options.tokens} tokens an answer:`,
    `  answers    ${answers} complete, ${measured.left} left in the middle by their client, ${failures.length} failed`,
    `  speed      ${measured.tokensPerSecond.toFixed(1)} tokens/s in all, ${measured.cpuMsPerToken?.toFixed(1)} ms of processor time a token, ${(measured.rightGuesses * 100).toFixed(0)} % of the guesses right`,
    `  progress   ${fairness.min} / ${fairness.median} / ${fairness.max} tokens a stream (min / median / max), Jain's index ${fairness.jain.toFixed(4)}`,
    `  waits      first token p50 ${seconds(quantile(firstTokenMs, 0.5))}, p99 ${seconds(quantile(firstTokenMs, 0.99))}; between two tokens p99 ${seconds(quantile(waitsMs, 0.99))}, longest ${seconds(quantile(waitsMs, 1))}`,
    `  memory     ${mib(result.idleBytes)} at the start, ${trend.quarterBytes.map(mib).join(', ')} (means of the quarters), peak ${mib(trend.peakBytes)} (resident ${mib(measured.residentPeakBytes)}), second half ${mib(trend.slopeBytesPerMinute)} a minute; caches hold ${mib(measured.cacheBytes)} of ${mib(measured.budgetBytes)} at the end`,
  ].join('\n')
}

function shareOf(part = 0, rest = 0): number {
  return part === 0 ? 0 : part / (part + rest)
}

function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`
}
