/**
 * Holds back text that may be the beginning of a stop string, so that no fragment of one is ever shown.
 * The answer ends before the stop string that completes first; among those completing together, the longest.
 */
export class StopHoldBack {
  readonly #stops: readonly string[]
  #held = ''
  #stoppedBy: string | null = null

  /** Empty stop strings are ignored. */
  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop.length > 0)
  }

  /** True once a stop string has been seen; everything after it is dropped. */
  get stopped(): boolean {
    return this.#stoppedBy !== null
  }

  /** That stop string; null before. */
  get stoppedBy(): string | null {
    return this.#stoppedBy
  }

  /** Characters that are held back at present. */
  get heldLength(): number {
    return this.#held.length
  }

  /** Takes new text, returns what can be shown now. */
  push(text: string): string {
    if (this.stopped) return ''
    const pending = this.#held + text
    const first = this.#firstStop(pending)
    if (first !== null) {
      this.#stoppedBy = first.stop
      this.#held = ''
      return pending.slice(0, first.begin)
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

  /** The earliest-completing stop string, and where it begins. */
  #firstStop(text: string): { readonly stop: string; readonly begin: number } | null {
    let first: { readonly stop: string; readonly begin: number } | null = null
    let earliestEnd = Number.POSITIVE_INFINITY
    for (const stop of this.#stops) {
      const begin = text.indexOf(stop)
      if (begin === -1) continue
      const end = begin + stop.length
      if (first === null || end < earliestEnd || (end === earliestEnd && begin < first.begin)) {
        first = { stop, begin }
        earliestEnd = end
      }
    }
    return first
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
