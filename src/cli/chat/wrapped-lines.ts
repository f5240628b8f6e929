import type { MarkedPiece } from './marked-text.ts'

interface Cell extends MarkedPiece {
  /** Columns of the terminal. */
  readonly width: number
}

/** A line of a column; the widths of its cells come to the column's at most. */
export type WrappedLine = readonly Cell[]

const graphemes = new Intl.Segmenter()
const WIDE =
  /\p{Emoji_Presentation}|\ufe0f|[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\u3000-\u303f\uff01-\uff60]/u
const INVISIBLE = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]+$/u

/** Breaks text that grows into lines between words. Only its last line can still change. */
export class WrappedLines {
  readonly #width: number
  readonly #done: WrappedLine[] = []
  #line: Cell[] = []
  #lineWidth = 0

  constructor(width: number) {
    this.#width = width
  }

  get lines(): readonly WrappedLine[] {
    return [...this.#done, this.#line]
  }

  add({ text, style }: MarkedPiece): void {
    for (const { segment } of graphemes.segment(text.replaceAll('\t', '    '))) {
      if (/^\r?\n$/.test(segment)) this.#endLine([])
      else if (!INVISIBLE.test(segment))
        this.#put({ text: segment, style, width: WIDE.test(segment) ? 2 : 1 })
    }
  }

  #put(cell: Cell): void {
    if (this.#lineWidth + cell.width > this.#width) {
      // The space between two lines is the break itself
      const isBreak = cell.text === ' '
      this.#endLine(isBreak ? [] : this.#takeWord())
      if (isBreak) return
    }
    this.#line.push(cell)
    this.#lineWidth += cell.width
  }

  /** Takes the unfinished word from the end of the line, unless it is all there is. */
  #takeWord(): Cell[] {
    const space = this.#line.findLastIndex(({ text }) => text === ' ')
    return space < 0 ? [] : this.#line.splice(space + 1)
  }

  #endLine(next: Cell[]): void {
    this.#done.push(this.#line)
    this.#line = next
    this.#lineWidth = next.reduce((sum, { width }) => sum + width, 0)
  }
}
