/** Time as the HTTP layer reads it, and waits for it; tests bring their own. */
export interface Timers {
  /** Monotonic milliseconds. */
  nowMs(): number
  unixSeconds(): number
  /** Runs `callback` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, callback: () => void): () => void
}

export const systemTimers: Timers = {
  nowMs: () => performance.now(),
  unixSeconds: () => Math.floor(Date.now() / 1000),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
}
