/** What to look for in a text. */
export interface TextPattern {
  /** Global; looks one character back at most. */
  readonly like: RegExp
  /** UTF-16 units of the longest match with what is looked at behind it, but for `goesOn`. */
  readonly most: number
  /** Sticky: what is passed over behind a match, however much there is, to look at one more character. */
  readonly goesOn?: RegExp
}

/** UTF-16 units that are searched at a time. */
const WINDOW = 8192
/** A character. */
const LOOKED_BACK = 2

/**
 * The matches of a pattern as `matchAll` finds them, with undefined now and then between them, so that a long
 * search can be done in slices.
 */
export function* matchesIn(
  text: string,
  { like, most, goesOn }: TextPattern,
): Generator<string | undefined, void, void> {
  const pattern = new RegExp(like)
  const passedOver = goesOn === undefined ? null : new RegExp(goesOn)
  let passed = 0
  for (let from = 0; from < text.length; ) {
    const limit = from + WINDOW
    const offset = Math.max(0, from - LOOKED_BACK)
    const end = limit + most + LOOKED_BACK
    let window = text.slice(offset, end)
    if (passedOver !== null && end < text.length) {
      if (passed <= end) passed = endOf(passedOver, text, end)
      window += text.charAt(passed)
    }
    pattern.lastIndex = from - offset
    from = limit
    for (let match = pattern.exec(window); match !== null; match = pattern.exec(window)) {
      const start = offset + match.index
      // Whether it goes on is not known here
      if (start >= limit) break
      from = Math.max(limit, start + match[0].length)
      yield match[0]
    }
    yield
  }
}

function endOf(sticky: RegExp, text: string, at: number): number {
  sticky.lastIndex = at
  return at + (sticky.exec(text)?.[0].length ?? 0)
}
