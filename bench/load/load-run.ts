// This room owns many callers at once: how they stream, whether all get on alike, what memory does, and
// requests that are meant to hold others up. It knows nothing of the gateway but its HTTP API and its
// process.

import { join } from 'node:path'
import { setInterval as everySecond, setTimeout as sleep } from 'node:timers/promises'
import { Agent } from 'undici'
import { type GatewayProcess, startFastUpstream, startGateway } from '../programs/gateway-process.ts'
import { processorMs } from '../programs/processor-time.ts'
import { type ClientRecord, runClient } from './client-stream.ts'
import { heldBytes, type MemorySample, residentBytes } from './memory-trend.ts'

export interface LoadOptions {
  readonly upstream: 'fast' | 'embedded'
  /** Holds the profiles, and takes configuration and log. */
  readonly folder: string
  readonly seconds: number
  readonly streams: number
  /** Of each answer. */
  readonly tokens: number
  /** Ids. */
  readonly profiles: readonly string[]
  /** `memory.budget`; the gateway's own by default. */
  readonly budgetBytes?: number
  readonly lookahead: 'auto' | 'off'
}

export interface LoadResult {
  readonly options: LoadOptions
  readonly clients: readonly ClientRecord[]
  readonly memory: readonly (MemorySample & { readonly residentBytes: number })[]
  /** Right after the start. */
  readonly idleBytes: number
  /** Processor time of the gateway until the deadline; null where the system does not tell. */
  readonly cpuMs: number | null
  /** Gauges and counters after the last answer. */
  readonly metrics: Readonly<Record<string, number>>
}

const MODEL = 'smollm2-135m'

/** Runs the clients against a gateway of their own for the given time, and stops it. */
export async function loadRun(options: LoadOptions, writeLine: (line: string) => void): Promise<LoadResult> {
  const fast = options.upstream === 'fast' ? await startFastUpstream(MODEL) : null
  try {
    const upstream =
      fast === null
        ? { kind: 'embedded', model: MODEL }
        : { kind: 'llama-cpp', url: fast.url, max_in_flight: 64 }
    const gateway = await startGateway(
      {
        server: { port: 0, log_level: 'info' },
        local: { model: MODEL },
        memory: { ...(options.budgetBytes !== undefined && { budget: options.budgetBytes }) },
        steering: { lookahead: options.lookahead },
        upstreams: { large: upstream },
        models: { names: { costeer: 'large' } },
        profiles: { folder: join(options.folder, 'profiles') },
      },
      { folder: options.folder, logged: true },
    )
    try {
      return await underLoad(gateway, options, writeLine)
    } finally {
      await gateway.stop()
    }
  } finally {
    await fast?.stop()
  }
}

async function underLoad(
  gateway: GatewayProcess,
  options: LoadOptions,
  writeLine: (line: string) => void,
): Promise<LoadResult> {
  const { seconds, streams, tokens, profiles } = options
  const deadline = new AbortController()
  const idleBytes = await heldBytes(gateway.pid)
  const dispatcher = new Agent({ connections: streams, headersTimeout: 0, bodyTimeout: 0 })
  const sampling = new AbortController()
  const memory = sampledMemory(gateway.pid, sampling.signal, (sample, at) => {
    if (at % 10 === 0) writeLine(`${at} s: ${(sample / 2 ** 20).toFixed(0)} MiB`)
  })
  const cpuBefore = await processorMs(gateway.pid)
  const clients = Array.from({ length: streams }, (_, index) =>
    runClient({ url: gateway.url, dispatcher, index, profiles, tokens, deadline: deadline.signal }),
  )
  await sleep(seconds * 1000)
  deadline.abort()
  const cpuAfter = await processorMs(gateway.pid)
  sampling.abort()
  const records = await Promise.all(clients)
  await dispatcher.close()
  const metrics = await settledMetrics(gateway)
  const cpuMs = cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore
  return { options, clients: records, memory: await memory, idleBytes, cpuMs, metrics }
}

async function sampledMemory(
  pid: number,
  signal: AbortSignal,
  onSample: (bytes: number, atSeconds: number) => void,
): Promise<LoadResult['memory']> {
  const samples: LoadResult['memory'][number][] = []
  const beganMs = performance.now()
  try {
    for await (const _ of everySecond(1000, undefined, { signal })) {
      const [bytes, resident] = await Promise.all([heldBytes(pid), residentBytes(pid)])
      samples.push({ atSeconds: (performance.now() - beganMs) / 1000, bytes, residentBytes: resident })
      onSample(bytes, samples.length)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
  return samples
}

/** Work that was left behind ends a moment after its client, and profiles that had to wait are warmed. */
const SETTLING_MS = 3_000
const MOST_SETTLING_MS = 60_000

/** What the gateway tells once no local pair is open any more, or once that has taken too long. */
async function settledMetrics(gateway: GatewayProcess): Promise<Record<string, number>> {
  const beganMs = performance.now()
  while (true) {
    await sleep(SETTLING_MS)
    const metrics = Object.fromEntries(await gateway.metrics())
    const isSettled = metrics.costeer_local_sequences === 0
    if (isSettled || performance.now() - beganMs > MOST_SETTLING_MS) return metrics
  }
}
