import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { WrappedLines } from '../../../src/cli/chat/wrapped-lines.ts'

function wrapped(width: number, ...texts: string[]) {
  const lines = new WrappedLines(width)
  for (const text of texts) lines.add({ text, style: null })
  return lines.lines.map((line) => line.map((cell) => cell.text).join(''))
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
