import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answerWords } from '../../../src/proxy/answers/trace/answer-words.ts'
import { countWords } from '../../../web/compare/count-words.ts'
import { tokenTrace } from '../token-trace.ts'

function piece(text: string, moved: boolean) {
  return {
    text,
    trace: moved ? tokenTrace(text, { shift: 2, unsteered: { id: 9, text: 'x' } }) : tokenTrace(text),
  }
}

test('a word of which a part was changed counts once', () => {
  const pieces = [piece('Hel', false), piece('lo', true), piece('!', true), piece(' reader', false)]
  expect(countWords(answerWords(pieces))).toEqual({ words: 2, changed: 1 })
  expect(countWords(answerWords([piece('red', true), piece('/', false), piece('green', true)]))).toEqual({
    words: 1,
    changed: 1,
  })
  expect(countWords(answerWords([{ text: 'plain words', trace: null }]))).toEqual({ words: 2, changed: 0 })
})

test('counts as many words as stand between spaces, however they are cut', () => {
  const part = fc.record({
    text: fc.string({ unit: fc.constantFrom('a', 'b', '!', ' ', '\n') }),
    moved: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const stretches = answerWords(parts.map(({ text, moved }) => piece(text, moved)))
      const { words, changed } = countWords(stretches)
      const whole = parts.map(({ text }) => text).join('')
      expect(words).toBe(whole.split(/\s+/).filter((word) => word !== '').length)
      expect(changed).toBeLessThanOrEqual(words)
    }),
  )
})
