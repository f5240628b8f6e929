import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

export interface MemorySample {
  readonly atSeconds: number
  readonly bytes: number
}

export interface MemoryTrend {
  readonly peakBytes: number
  /** Means of the quarters of the run. */
  readonly quarterBytes: readonly number[]
  /** Least-squares slope over the second half. */
  readonly slopeBytesPerMinute: number
}

/**
 * Memory that a process takes: its pages, each once, however often it maps them. Resident memory counts the
 * pages of weights for each session that maps them. Where the system does not tell, it is resident memory.
 */
export async function heldBytes(pid: number): Promise<number> {
  const pages = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
  const kilobytes = /^Pss:\s*(\d+) kB$/m.exec(pages)?.[1]
  return kilobytes === undefined ? residentBytes(pid) : Number(kilobytes) * 1024
}

/** Resident memory of a process. */
export async function residentBytes(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)])
  return Number(stdout) * 1024
}

export function memoryTrend(samples: readonly MemorySample[]): MemoryTrend {
  return {
    peakBytes: Math.max(...samples.map(({ bytes }) => bytes)),
    quarterBytes: [0, 1, 2, 3].map((quarter) => {
      const [from, to] = [quarter, quarter + 1].map((q) => Math.floor((q * samples.length) / 4))
      return meanOf(samples.slice(from, to).map(({ bytes }) => bytes))
    }),
    slopeBytesPerMinute: slopeOf(samples.slice(Math.floor(samples.length / 2))) * 60,
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Bytes a second. */
function slopeOf(samples: readonly MemorySample[]): number {
  const meanAt = meanOf(samples.map(({ atSeconds }) => atSeconds))
  const meanBytes = meanOf(samples.map(({ bytes }) => bytes))
  let covariance = 0
  let variance = 0
  for (const { atSeconds, bytes } of samples) {
    covariance += (atSeconds - meanAt) * (bytes - meanBytes)
    variance += (atSeconds - meanAt) ** 2
  }
  return variance === 0 ? 0 : covariance / variance
}
