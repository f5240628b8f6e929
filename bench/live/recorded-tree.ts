export type Top = { readonly id: number; readonly logprob: number }

/** What a recorded server answers behind one sequence of tokens. */
export class RecordedPlace {
  readonly #children = new Map<number, RecordedPlace>()
  /** Where the longest recorded answer goes on; null at its end. */
  #onward: RecordedPlace | null = null
  #length = 0
  top: readonly Top[] = []
  #told = { candidates: -1, json: '' }

  /** Records what is answered behind `tokens`. */
  record(tokens: readonly number[], top: readonly Top[]): void {
    let place: RecordedPlace = this
    for (const [index, token] of tokens.entries()) {
      let next = place.#children.get(token)
      if (next === undefined) {
        next = new RecordedPlace()
        place.#children.set(token, next)
      }
      const length = tokens.length - index
      if (length > place.#length) {
        place.#length = length
        place.#onward = next
      }
      place = next
    }
    place.top = top
  }

  /**
   * The place behind one more token. Behind one that was not recorded stands the nearest answer's own place
   * of the same length, from where on only that answer is followed; behind an answer's end stands the end.
   */
  behind(
    token: number,
    isRecorded: boolean,
  ): { readonly place: RecordedPlace; readonly isRecorded: boolean } {
    const known = isRecorded ? this.#children.get(token) : undefined
    if (known !== undefined) return { place: known, isRecorded: true }
    return { place: this.#onward ?? this, isRecorded: false }
  }

  /** The best `candidates` as JSON, made once. */
  json(candidates: number): string {
    if (this.#told.candidates !== candidates) {
      this.#told = { candidates, json: JSON.stringify(this.top.slice(0, candidates)) }
    }
    return this.#told.json
  }
}
