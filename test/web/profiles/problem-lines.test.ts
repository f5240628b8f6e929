import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lineRange, problemLines } from '../../../web/profiles/problem-lines.ts'

test('a refusal is told line by line, without the name of the file', () => {
  expect(problemLines('profile:3: nome: is not a key of a profile\nprofile: name: is missing')).toEqual([
    { line: 3, text: 'nome: is not a key of a profile' },
    { line: null, text: 'name: is missing' },
  ])
  expect(problemLines('The profile was changed in the meantime.')).toEqual([
    { line: null, text: 'The profile was changed in the meantime.' },
  ])
})

test('a line is found whatever stands before it, and the end for one that is not there', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', ' ', 'é') }), { minLength: 1 }), (lines) => {
      const text = lines.join('\n')
      for (const [index, line] of lines.entries()) {
        const { start, end } = lineRange(text, index + 1)
        expect(text.slice(start, end)).toBe(line)
      }
      const beyond = lineRange(text, lines.length + 5)
      expect([beyond.start, beyond.end]).toEqual([text.length, text.length])
    }),
  )
})
