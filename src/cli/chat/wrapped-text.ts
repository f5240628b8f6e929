import type { MarkedPiece } from './marked-text.ts'
import { WrappedLines } from './wrapped-lines.ts'

/** Breaks a text that is printed as it comes into lines between words. A word waits for its end. */
export class WrappedText {
  readonly #lines: WrappedLines
  /** Cells that were returned: whole lines, and those of the line after them. */
  #rows = 0
  #cells = 0

  /** `width`: columns of the terminal. */
  constructor(width: number) {
    this.#lines = new WrappedLines(width)
  }

  /** Returns what can be printed now. */
  add(pieces: readonly MarkedPiece[]): readonly MarkedPiece[] {
    for (const piece of pieces) this.#lines.add(piece)
    const last = this.#lines.lines.at(-1) ?? []
    return this.#upTo(last.findLastIndex(({ text }) => text === ' ') + 1)
  }

  /** Returns what has waited. */
  end(): readonly MarkedPiece[] {
    return this.#upTo(this.#lines.lines.at(-1)?.length ?? 0)
  }

  /** What is new up to a cell of the last line. */
  #upTo(end: number): readonly MarkedPiece[] {
    const { lines } = this.#lines
    const told: MarkedPiece[] = []
    for (; this.#rows < lines.length - 1; this.#rows++) {
      told.push(...merged(lines[this.#rows]?.slice(this.#cells) ?? []), { text: '\n', style: null })
      this.#cells = 0
    }
    const last = lines.at(-1)?.slice(this.#cells, end) ?? []
    this.#cells = Math.max(this.#cells, end)
    return [...told, ...merged(last)]
  }
}

/** Neighbours of one style as one piece. */
function merged(pieces: readonly MarkedPiece[]): MarkedPiece[] {
  const runs: MarkedPiece[] = []
  for (const { text, style } of pieces) {
    const run = runs.at(-1)
    if (run?.style === style) runs[runs.length - 1] = { text: run.text + text, style }
    else runs.push({ text, style })
  }
  return runs
}
