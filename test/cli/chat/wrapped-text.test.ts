import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { MarkedPiece } from '../../../src/cli/chat/marked-text.ts'
import { WrappedText } from '../../../src/cli/chat/wrapped-text.ts'

function plain(text: string): MarkedPiece {
  return { text, style: null }
}

/** What is printed after each piece, and at the end. */
function printed(width: number, pieces: readonly MarkedPiece[]): string[] {
  const wrapped = new WrappedText(width)
  const steps = pieces.map((piece) => wrapped.add([piece]))
  return [...steps, wrapped.end()].map((step) => step.map(({ text }) => text).join(''))
}

describe('text that is printed as it comes', () => {
  test('breaks between words, and a word waits for its end', () => {
    expect(printed(8, ['one t', 'wo thr', 'ee', ' f'].map(plain))).toEqual([
      'one ',
      'two \n',
      '',
      'three ',
      'f',
    ])
  })

  test('keeps line ends, and breaks a word that is wider than the terminal', () => {
    expect(printed(4, [plain('a\n\nbcdefg h')])).toEqual(['a\n\nbcde\nfg ', 'h'])
  })

  test('keeps the style of each stretch', () => {
    const wrapped = new WrappedText(20)
    expect(wrapped.add([plain('so '), { text: 'lovely', style: 'moved' }, plain(' a')])).toEqual([
      plain('so '),
      { text: 'lovely', style: 'moved' },
      plain(' '),
    ])
  })

  test('is the same text but for the breaks, in lines that fit, however it comes', () => {
    const words = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n') }), { maxLength: 20 })
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 12 }), (pieces, width) => {
        const whole = pieces.join('')
        const all = printed(width, pieces.map(plain)).join('')
        expect(all.replace(/\s/g, '')).toBe(whole.replace(/\s/g, ''))
        for (const line of all.split('\n')) expect(line.length).toBeLessThanOrEqual(width)
        expect(printed(width, [plain(whole)]).join('')).toBe(all)
      }),
    )
  })
})
