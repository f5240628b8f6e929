import fc from 'fast-check'
import { expect, test } from 'vitest'
import { orderedMarks } from '../../../src/slm/encoding/ordered-marks.ts'

const forms = ['NFC', 'NFD', 'NFKC', 'NFKD'] as const
// Of many combining classes, with marks that decompose, that stay where they are, or that compose with
// letters.
const mark = fc.constantFrom(
  ...['\u0300', '\u0301', '\u0315', '\u0323', '\u0327', '\u0334', '\u0344', '\u0345', '\u034f', '\u05b0'],
  ...['\u0903', '\u093c', '\u0f71', '\u0f72', '\u0f73', '\u302e', '\u3099', '\u{1d165}', '\u{1e8d0}'],
)
const run = fc.array(mark, { minLength: 32, maxLength: 200 }).map((marks) => marks.join(''))
const around = fc.constantFrom('', 'a', 'é', '\u1ebf', 'が', ' ', '\u1100', '\ud800')

test('has the same normal forms as the text itself', () => {
  fc.assert(
    fc.property(around, run, around, (before, marks, after) => {
      const text = before + marks + after
      for (const form of forms) expect(orderedMarks(text).normalize(form)).toBe(text.normalize(form))
    }),
    { numRuns: 200 },
  )
})

test('leaves nothing to be put in order', () => {
  fc.assert(
    fc.property(run, (marks) => {
      expect(orderedMarks(marks).normalize('NFD')).toBe(orderedMarks(marks))
    }),
  )
})

test('leaves short runs alone', () => {
  expect(orderedMarks('a\u0315\u0300')).toBe('a\u0315\u0300')
})
