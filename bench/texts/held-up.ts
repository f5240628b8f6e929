import { monitorEventLoopDelay, performance } from 'node:perf_hooks'

const RESOLUTION_MS = 1

/** How long some work took, and how long it held up the thread at most. */
export interface HeldUp<Result> {
  readonly result: Result
  readonly ms: number
  readonly longestMs: number
}

/** Runs work and measures by how much timers came late meanwhile. */
export async function heldUp<Result>(work: () => Promise<Result>): Promise<HeldUp<Result>> {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  // The first reading is of what went before.
  delay.enable()
  await new Promise((resolve) => setTimeout(resolve, 20))
  delay.reset()
  const start = performance.now()
  const result = await work()
  const ms = performance.now() - start
  await new Promise((resolve) => setTimeout(resolve, 20))
  delay.disable()
  return { result, ms, longestMs: Math.max(0, delay.max / 1e6 - RESOLUTION_MS) }
}
