import type { Timers } from '../../../src/proxy/timers.ts'

export interface ManualTimers extends Timers {
  /** Moves time on and runs what is due, in order. */
  advance(ms: number): void
  /** Timers that still wait. */
  readonly waiting: () => number
}

/** Time that moves when a test says so. */
export function manualTimers(): ManualTimers {
  let now = 0
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>()
  return {
    nowMs: () => now,
    unixSeconds: () => 1_800_000_000,
    waiting: () => timers.size,
    after(delayMs, callback) {
      const timer = { at: now + delayMs, callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance(ms) {
      const until = now + ms
      for (;;) {
        const due = [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
        if (due === undefined) break
        timers.delete(due)
        now = due.at
        due.callback()
      }
      now = until
    },
  }
}
