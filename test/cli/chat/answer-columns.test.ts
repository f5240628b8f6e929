import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AnswerColumns, fitsColumns } from '../../../src/cli/chat/answer-columns.ts'
import { WrappedLines } from '../../../src/cli/chat/wrapped-lines.ts'

function plain(text: string) {
  return { text, style: null }
}
function wrapped(width: number, ...texts: string[]) {
  const lines = new WrappedLines(width)
  for (const text of texts) lines.add(plain(text))
  return lines.lines.map((line) => line.map((cell) => cell.text).join(''))
}

/**
 * Understands what the columns write, as a terminal of so many rows does: nothing above them can be changed.
 */
class Screen {
  readonly #rows: number
  lines: string[] = ['']

  constructor(rows: number) {
    this.#rows = rows
  }

  readonly write = (text: string) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is read here
    for (const [, up, control, print = ''] of text.matchAll(/\u001b\[(\d+)F|(\u001b\[0J)|([^\u001b]+)/g)) {
      if (up !== undefined) {
        expect(Number(up)).toBeLessThan(this.#rows)
        this.lines.splice(this.lines.length - 1 - Number(up), Number.POSITIVE_INFINITY, '')
      } else if (control === undefined) {
        const [first = '', ...more] = print.split('\n')
        this.lines[this.lines.length - 1] += first
        this.lines.push(...more)
      }
    }
  }
}

describe('two columns', () => {
  const size = { columns: 80, rows: 10 }
  const noPaint = (_style: string, text: string) => text

  test('show both texts in full in whatever order they come, and never reach above the screen', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' ', ' ', '\n'), maxLength: 30 })
    const steps = fc.array(fc.tuple(fc.constantFrom(0 as const, 1 as const), word), { maxLength: 60 })
    fc.assert(
      fc.property(steps, (parts) => {
        const screen = new Screen(size.rows)
        const columns = new AnswerColumns(size, screen.write, noPaint)
        for (const [side, text] of parts) columns.add(side, [plain(text)])
        columns.end(0)
        columns.end(1)
        const side = (index: 0 | 1) =>
          wrapped(38, ...parts.flatMap(([at, text]) => (at === index ? [text] : [])))
        const [left, right] = [side(0), side(1)]
        const rows = Math.max(left.length, right.length)
        const expected = Array.from(
          { length: rows },
          (_, row) => `${(left[row] ?? '').padEnd(38)} │ ${right[row] ?? ''}`,
        )
        expect(screen.lines).toEqual([...expected, ''])
      }),
    )
  })

  test('grow while the other one waits, as far as the screen goes', () => {
    const screen = new Screen(size.rows)
    const columns = new AnswerColumns(size, screen.write, noPaint)
    columns.heading('without', 'with')
    columns.add(0, [plain('line\n'.repeat(30))])
    expect(screen.lines.filter((line) => line.startsWith('line'))).toHaveLength(8)
    columns.add(1, [plain('x\n'.repeat(20))])
    expect(screen.lines.filter((line) => line.startsWith('line'))).toHaveLength(28)
    expect(screen.lines[0]).toBe(`${'without'.padEnd(38)} │ with`)
  })

  test('mark the words that the profile changed', () => {
    let written = ''
    const columns = new AnswerColumns(
      size,
      (part) => {
        written = part
      },
      (style, part) => (style === 'moved' ? `<${part}>` : part),
    )
    columns.add(1, [plain('Aye '), { text: 'sailor', style: 'moved' }])
    expect(written).toContain(' │ Aye <sailor>\n')
  })

  test('need a terminal with room', () => {
    expect(fitsColumns({ columns: 79, rows: 40 })).toBe(false)
    expect(fitsColumns({ columns: 80, rows: 24 })).toBe(true)
    expect(fitsColumns({ columns: 0, rows: 0 })).toBe(false)
  })
})
