import type { HostileResult } from './hostile-run.ts'

/** Milliseconds by which others may wait longer than they do beside a usual question. */
const MOST_ADDED_MS = 50

/** What others waited for, at best of the rounds. */
function leastWaitMs({ waitsMs }: HostileResult): number {
  return Math.min(...waitsMs)
}

export function hostileLine(result: HostileResult): string {
  const { name, path, bytes, statuses, waitsMs } = result
  const size = `${(bytes / 2 ** 20).toFixed(1)} MiB`
  const waits = waitsMs.map((wait) => wait.toFixed(0)).join(' ')
  return `${leastWaitMs(result).toFixed(0).padStart(6)} ms  ${size.padStart(8)}  ${name} (${path}): ${waits}; ${[...new Set(statuses)].join(', ')}`
}

/** A sentence for each kind of request that holds others up; `usual` is the wait beside a usual question. */
export function holdUps(results: readonly HostileResult[], usual: HostileResult): string[] {
  const most = leastWaitMs(usual) + MOST_ADDED_MS
  return results
    .filter((result) => leastWaitMs(result) > most)
    .map((result) => {
      const wait = leastWaitMs(result).toFixed(0)
      return `${result.name} (${result.path}) held others up for ${wait} ms; at most ${most.toFixed(0)} ms were promised.`
    })
}
