import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

interface CoreSources {
  /** Hardware threads that this process may run on. */
  readonly threads: number
  /** `/proc/cpuinfo`, null where there is none. */
  readonly cpuInfo: string | null
  /** `cpu.max` of the control group: quota and period in microseconds, or `max`. */
  readonly quota: string | null
}

/**
 * Cores that computing may use: hardware threads that share a core gain nothing, and
 * threads beyond a container's quota are put to sleep in the middle of a step.
 */
export function coreCount(sources: CoreSources = readSources()): number {
  const { threads, cpuInfo, quota } = sources
  const perCore = cpuInfo === null ? 1 : threadsPerCore(cpuInfo)
  const [share = Number.NaN, period = Number.NaN] = quota?.trim().split(' ').map(Number) ?? []
  const allowed = share / period
  const cores = Math.ceil(threads / perCore)
  return Math.max(1, Number.isFinite(allowed) ? Math.min(cores, Math.ceil(allowed)) : cores)
}

function threadsPerCore(cpuInfo: string): number {
  const siblings = Number(/^siblings\s*:\s*(\d+)/m.exec(cpuInfo)?.[1])
  const cores = Number(/^cpu cores\s*:\s*(\d+)/m.exec(cpuInfo)?.[1])
  return siblings > 0 && cores > 0 ? Math.max(1, Math.round(siblings / cores)) : 1
}

function readSources(): CoreSources {
  return {
    threads: availableParallelism(),
    cpuInfo: readIfThere('/proc/cpuinfo'),
    quota: readIfThere('/sys/fs/cgroup/cpu.max'),
  }
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
