import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AnswerColumns, fitsColumns } from '../../../src/cli/chat/answer-columns.ts'
import { MarkedText } from '../../../src/cli/chat/marked-text.ts'
import { WrappedLines } from '../../../src/cli/chat/wrapped-lines.ts'
import { tokenTrace } from '../../web/token-trace.ts'

function plain(text: string) {
  return { text, moved: false }
}
function wrapped(width: number, ...texts: string[]) {
  const lines = new WrappedLines(width)
  for (const text of texts) lines.add(plain(text))
  return lines.lines.map((line) => line.map((cell) => cell.text).join(''))
}

/** Understands what the columns write, as a terminal of so many rows does: nothing above them can be changed. */
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

describe('lines of a column', () => {
  test('break between words, and inside a word that is too long', () => {
    expect(wrapped(10, 'the quick ', 'brown f', 'ox jumps')).toEqual(['the quick ', 'brown fox ', 'jumps'])
    expect(wrapped(5, 'a bcdefghijk l')).toEqual(['a ', 'bcdef', 'ghijk', 'l'])
    expect(wrapped(5, 'one\n\ntwo')).toEqual(['one', '', 'two'])
  })

  test('count characters that take two columns, and none for marks', () => {
    expect(wrapped(4, '日本語です')).toEqual(['日本', '語で', 'す'])
    expect(wrapped(4, 'a🙂🙂b')).toEqual(['a🙂', '🙂b'])
    expect(wrapped(3, 'e\u0301e\u0301e\u0301e')).toEqual(['e\u0301e\u0301e\u0301', 'e'])
  })

  test('only the last one changes when text is added', () => {
    const texts = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', '語'), maxLength: 5 }))
    fc.assert(
      fc.property(texts, texts, fc.integer({ min: 2, max: 9 }), (before, after, width) => {
        const earlier = wrapped(width, ...before).slice(0, -1)
        expect(wrapped(width, ...before, ...after).slice(0, earlier.length)).toEqual(earlier)
      }),
    )
  })
})

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

  test('mark the words that the profile changed, without the space before them', () => {
    const text = new MarkedText()
    text.addTrace(tokenTrace('Aye'))
    text.addTrace(tokenTrace(' sailor', { shift: 2, position: 1, unsteered: { id: 9, text: ' you' } }))
    const pieces = [...text.addText('Aye sai'), ...text.addText('lor')]
    expect(pieces.map(({ text: piece, moved }) => (moved ? piece.toUpperCase() : piece)).join('')).toBe(
      'Aye saiLOR',
    )
    let written = ''
    const columns = new AnswerColumns(
      size,
      (part) => {
        written = part
      },
      (style, part) => (style === 'moved' ? `<${part}>` : part),
    )
    columns.add(1, [plain('Aye '), { text: 'sailor', moved: true }])
    expect(written).toContain(' │ Aye <sailor>\n')
  })

  test('need a terminal with room', () => {
    expect(fitsColumns({ columns: 79, rows: 40 })).toBe(false)
    expect(fitsColumns({ columns: 80, rows: 24 })).toBe(true)
    expect(fitsColumns({ columns: 0, rows: 0 })).toBe(false)
  })
})
