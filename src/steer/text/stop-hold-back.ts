/**
 * Holds back text that may be the beginning of a stop string, so that no fragment of one is ever shown.
 * The answer ends before the stop string that completes first; among those completing together, the longest.
 */
export class StopHoldBack {
  readonly #stops: readonly string[]
  #held = ''
  #stopped = false

  /** Empty stop strings are ignored. */
  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop.length > 0)
  }

  /** True once a stop string has been seen; everything after it is dropped. */
  get stopped(): boolean {
    return this.#stopped
  }

  /** Characters that are held back at present. */
  get heldLength(): number {
    return this.#held.length
  }

  /** Takes new text, returns what can be shown now. */
  push(text: string): string {
    if (this.#stopped) return ''
    const pending = this.#held + text
    const cut = this.#firstStop(pending)
    if (cut !== -1) {
      this.#stopped = true
      this.#held = ''
      return pending.slice(0, cut)
    }
    const start = this.#possibleStart(pending)
    this.#held = pending.slice(start)
    return pending.slice(0, start)
  }

  /** The answer ended on its own: returns what was held back. */
  flush(): string {
    const rest = this.#held
    this.#held = ''
    return rest
  }

  /** Where the earliest-completing stop string begins, or -1. */
  #firstStop(text: string): number {
    let begin = -1
    let earliestEnd = Number.POSITIVE_INFINITY
    for (const stop of this.#stops) {
      const at = text.indexOf(stop)
      if (at === -1) continue
      const end = at + stop.length
      if (end < earliestEnd || (end === earliestEnd && at < begin)) {
        begin = at
        earliestEnd = end
      }
    }
    return begin
  }

  /** The first index from which the rest of the text is a prefix of some stop string. */
  #possibleStart(text: string): number {
    const longest = Math.max(0, ...this.#stops.map((stop) => stop.length - 1))
    for (let start = Math.max(0, text.length - longest); start < text.length; start++) {
      const tail = text.slice(start)
      if (this.#stops.some((stop) => stop.startsWith(tail))) return start
    }
    return text.length
  }
}
