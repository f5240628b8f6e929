/** Enough for the answers that run side by side; a row of 150,000 tokens takes 600 kB. */
const MOST_BYTES = 8 * 2 ** 20

interface LogitsRow {
  /** What they follow. */
  readonly tokens: Int32Array
  readonly logits: Float32Array
}

/**
 * Logits that one graph of a model computed a moment ago, for another graph over the same weights that is
 * asked what follows the same tokens: they are the same, bit for bit.
 */
export class RecentLogits {
  /** Oldest first. */
  readonly #rows: LogitsRow[] = []
  #readers = 0

  /** Whether anybody may ask for them. */
  get isRead(): boolean {
    return this.#readers > 0
  }

  join(): void {
    this.#readers++
  }

  /** What nobody asks for any more is dropped. */
  leave(): void {
    this.#readers--
    if (!this.isRead) this.#rows.length = 0
  }

  /** Keeps both arrays; the oldest row makes room. */
  keep(tokens: Int32Array, logits: Float32Array): void {
    this.#rows.push({ tokens, logits })
    while (this.#rows.length > 1 && this.#rows.length * logits.byteLength > MOST_BYTES) this.#rows.shift()
  }

  /** Those after `tokens`, if they are there. */
  find(tokens: Int32Array): Float32Array | null {
    const row = this.#rows.findLast(
      ({ tokens: known }) => known.length === tokens.length && startsWith(tokens, known),
    )
    return row?.logits ?? null
  }

  /** The most leading tokens of `tokens` that a row follows. */
  known(tokens: Int32Array): number {
    let longest = 0
    // The newest are the longest, so that few are compared
    for (const { tokens: known } of this.#rows.toReversed())
      if (known.length > longest && startsWith(tokens, known)) longest = known.length
    return longest
  }
}

/** Compared from the end: conversations begin alike. */
function startsWith(tokens: Int32Array, start: Int32Array): boolean {
  if (start.length > tokens.length) return false
  for (let at = start.length - 1; at >= 0; at--) if (tokens[at] !== start[at]) return false
  return true
}
