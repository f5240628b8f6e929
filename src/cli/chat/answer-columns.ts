import type { Paint } from '../terminal/terminal-style.ts'
import type { MarkedPiece } from './marked-text.ts'
import { type WrappedLine, WrappedLines } from './wrapped-lines.ts'

export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

const GAP = ' │ '

/** Narrower columns are hard to read. */
export function fitsColumns({ columns, rows }: TerminalSize): boolean {
  return columns >= 80 && rows >= 8
}

interface Column {
  readonly lines: WrappedLines
  done: boolean
}

/**
 * Two texts that grow side by side in a terminal. Rows that can still change are drawn again; the others are
 * left alone, so that they scroll away as any output. `write` gets text with control sequences.
 */
export class AnswerColumns {
  readonly #write: (text: string) => void
  readonly #paint: Paint
  readonly #width: number
  /** Rows that may be drawn again: a cursor does not get above the screen. */
  readonly #mostLive: number
  readonly #columns: readonly [Column, Column]
  #settled = 0
  #live = 0

  constructor({ columns, rows }: TerminalSize, write: (text: string) => void, paint: Paint) {
    this.#write = write
    this.#paint = paint
    this.#width = Math.floor((columns - 1 - GAP.length) / 2)
    this.#mostLive = rows - 2
    const column = () => ({ lines: new WrappedLines(this.#width), done: false })
    this.#columns = [column(), column()]
  }

  heading(left: string, right: string): void {
    const cell = (text: string) => this.#paint('bold', text.slice(0, this.#width).padEnd(this.#width))
    this.#write(`${cell(left)}${this.#paint('dim', GAP)}${cell(right).trimEnd()}\n`)
  }

  add(side: 0 | 1, pieces: readonly MarkedPiece[]): void {
    for (const piece of pieces) this.#columns[side].lines.add(piece)
    this.#draw()
  }

  /** No more text comes on this side. */
  end(side: 0 | 1): void {
    this.#columns[side].done = true
    this.#draw()
  }

  #draw(): void {
    const [left, right] = this.#columns
    const [leftLines, rightLines] = [left.lines.lines, right.lines.lines]
    const final = Math.min(
      left.done ? Number.POSITIVE_INFINITY : leftLines.length - 1,
      right.done ? Number.POSITIVE_INFINITY : rightLines.length - 1,
    )
    const all = Math.max(leftLines.length, rightLines.length)
    const end = Math.min(all, Math.max(this.#settled, Math.min(final, all)) + this.#mostLive)
    let text = this.#live === 0 ? '' : `\u001b[${this.#live}F\u001b[0J`
    for (let row = this.#settled; row < end; row++) {
      text += `${this.#cell(leftLines[row] ?? [], true)}${this.#paint('dim', GAP)}${this.#cell(rightLines[row] ?? [], false)}\n`
    }
    this.#settled = Math.min(final, end)
    this.#live = end - this.#settled
    if (text !== '') this.#write(text)
  }

  #cell(line: WrappedLine, padded: boolean): string {
    let text = ''
    const styleAt = (at: number) => line[at]?.style ?? null
    for (let at = 0; at < line.length; ) {
      const style = styleAt(at)
      const begin = at
      while (at < line.length && styleAt(at) === style) at++
      const run = line
        .slice(begin, at)
        .map((cell) => cell.text)
        .join('')
      text += style === null ? run : this.#paint(style, run)
    }
    const width = line.reduce((sum, cell) => sum + cell.width, 0)
    return padded ? text + ' '.repeat(this.#width - width) : text
  }
}
