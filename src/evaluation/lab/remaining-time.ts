/** How a run goes on: what was found from an earlier run takes no time and tells nothing of the rest. */
export class RemainingTime {
  readonly #now: () => number
  #began: number
  #measured = 0
  #elapsedMs = 0

  constructor(now: () => number) {
    this.#now = now
    this.#began = now()
  }

  /** A piece is done; `computed` says whether models worked for it. */
  note(computed: boolean): void {
    const now = this.#now()
    if (computed) {
      this.#measured++
      this.#elapsedMs += now - this.#began
    }
    this.#began = now
  }

  /** What `left` pieces will take; null while nothing was computed. */
  forecastMs(left: number): number | null {
    return this.#measured === 0 ? null : (this.#elapsedMs / this.#measured) * left
  }
}

/** `3 min`, `2 h 5 min` */
export function durationText(ms: number): string {
  const minutes = Math.ceil(ms / 60_000)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
