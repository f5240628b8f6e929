// This room owns what a request costs on its way to a server, through the gateway or a peer of it. It must
// not know what an answer says.

import autocannon, { type Result } from 'autocannon'
import { quantile } from '../../src/cli/bench/quantile.ts'
import { processorMs } from '../programs/processor-time.ts'

/** How requests reach the upstream. */
export interface Way {
  readonly name: string
  /** Base address with /v1. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** The process in between, if there is one. */
  readonly pid: number | null
}

export interface Measurement {
  /** From the request to the last byte of its reply, milliseconds. */
  readonly latenciesMs: readonly number[]
  readonly seconds: number
  /** Processor time of the process in between; null where the system does not tell. */
  readonly cpuMs: number | null
}

export interface MeasuredFigures {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly requestsPerSecond: number
  /** Processor time of the process in between, for one request. */
  readonly cpuMs: number | null
}

/**
 * Sends requests over `connections` connections, each the next one when its reply has
 * ended. Rejects when one fails.
 */
export async function measuredWay(
  way: Way,
  options: { readonly body: string; readonly connections: number; readonly seconds: number },
): Promise<Measurement> {
  const { connections, seconds } = options
  const latenciesMs: number[] = []
  const settings = {
    url: `${way.url}/chat/completions`,
    method: 'POST' as const,
    headers: { 'content-type': 'application/json', ...way.headers },
    body: options.body,
    connections,
    duration: seconds,
  }
  const cpuBefore = way.pid === null ? null : await processorMs(way.pid)
  const { errors, non2xx, timeouts, duration } = await new Promise<Result>((resolve, reject) => {
    const instance = autocannon(settings, (error, result) => (error ? reject(error) : resolve(result)))
    // Its own histogram counts whole milliseconds.
    instance.on('response', (_client, _status, _bytes, responseTime) => {
      latenciesMs.push(responseTime)
    })
  })
  if (errors + non2xx + timeouts > 0) {
    throw new Error(`${way.name}: ${non2xx} refusals, ${errors} errors, ${timeouts} timeouts`)
  }
  const cpuAfter = way.pid === null ? null : await processorMs(way.pid)
  const cpuMs = cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore
  return { latenciesMs, seconds: duration, cpuMs }
}

export function figuresOf(measurements: readonly Measurement[]): MeasuredFigures {
  const latencies = measurements.flatMap(({ latenciesMs }) => latenciesMs)
  const seconds = measurements.reduce((sum, measurement) => sum + measurement.seconds, 0)
  const cpuMs = measurements.reduce<number | null>(
    (sum, measurement) => (sum === null || measurement.cpuMs === null ? null : sum + measurement.cpuMs),
    0,
  )
  return {
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    requestsPerSecond: latencies.length / seconds,
    cpuMs: cpuMs === null ? null : cpuMs / latencies.length,
  }
}
