import fc from 'fast-check'
import { expect, test } from 'vitest'
import { matchesIn, type TextPattern } from '../../src/guard/matches-in.ts'

const patterns: readonly TextPattern[] = [
  { like: /(?<![\p{L}\p{N}])\+\d[\d ]{2,6}\d/gu, most: 9 },
  { like: /(?<![\d.,-])\d(?:[ -]?\d){2,4}(?![.,-]*\d)/g, most: 9, goesOn: /[.,-]*/y },
  { like: /[😀a]{1,7}b?/gu, most: 15 },
]

/** Long enough to be searched in several windows. */
const texts = fc
  .array(
    fc.tuple(
      fc.constantFrom('a', 'b', '😀', '\ud83d', '+1 2', '123', '1-2', ',', '.-', ' ', 'x'),
      fc.constantFrom(1, 2, 3, 900, 4095, 8191),
    ),
    { maxLength: 14 },
  )
  .map((parts) => parts.map(([part, count]) => part.repeat(count)).join(''))

test.each(patterns)('the matches of $like in a text are those that matchAll finds', (pattern) => {
  fc.assert(
    fc.property(texts, (text) => {
      const found = [...matchesIn(text, pattern)].filter((match) => match !== undefined)
      expect(found).toEqual(Array.from(text.matchAll(pattern.like), ([match]) => match))
    }),
  )
})
