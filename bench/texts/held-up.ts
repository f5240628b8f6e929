import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'

/** How long some work took, and how long it held up the thread at most. */
export interface HeldUp<Result> {
  readonly result: Result
  readonly ms: number
  readonly longestMs: number
}

/**
 * Runs work and measures the longest turn of the event loop meanwhile, in processor time of this thread: what
 * other programs take does not count.
 */
export async function heldUp<Result>(work: () => Promise<Result>): Promise<HeldUp<Result>> {
  let isDone = false
  let longestMs = 0
  const start = performance.now()
  const done = work().finally(() => {
    isDone = true
  })
  for (let before = threadMs(); !isDone; ) {
    await setImmediate()
    const now = threadMs()
    longestMs = Math.max(longestMs, now - before)
    before = now
  }
  return { result: await done, ms: performance.now() - start, longestMs }
}

/** Processor time of the main thread so far, in milliseconds; elsewhere than on Linux the time of day. */
export function threadMs(): number {
  if (process.platform !== 'linux') return performance.now()
  const [nanoseconds] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')
  return Number(nanoseconds) / 1e6
}
