/** Counts the requests that run, for work that has to wait until what runs now has ended. */
export class RunningRequests {
  readonly #running = new Set<object>()
  readonly #waiting = new Set<{ readonly left: Set<object>; readonly resolve: () => void }>()

  /** Counts a request until the returned function is called. */
  begin(): () => void {
    const request = {}
    this.#running.add(request)
    return () => {
      this.#running.delete(request)
      for (const waiting of this.#waiting) {
        waiting.left.delete(request)
        if (waiting.left.size > 0) continue
        this.#waiting.delete(waiting)
        waiting.resolve()
      }
    }
  }

  /** Resolves once all those that run now have ended; what begins later does not count. */
  ended(): Promise<void> {
    const left = new Set(this.#running)
    if (left.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.add({ left, resolve }))
  }
}
