import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Guard } from '../../src/guard/guard.ts'
import { makeGuard } from '../../src/guard/make-guard.ts'
import { allForms, type PrivateValue } from '../../src/guard/private-value.ts'
import { nestedEscapings } from './escapings.ts'
import { stands } from './stands.ts'

const values: readonly PrivateValue[] = [
  { kind: 'person', value: 'Jörn Lindqvist', forms: ['Jörn', 'Lindqvist'] },
  { kind: 'organisation', value: 'Moss & Sons', forms: [] },
  { kind: 'phone', value: '+44 20 7946 0958', forms: [] },
  { kind: 'email', value: 'noor@moss.example.org', forms: [] },
  { kind: 'other', value: 'the "old" mill', forms: [] },
  { kind: 'place', value: '𠮷野', forms: [] },
]
const forms = values.flatMap(allForms)

const words = fc.constantFrom(
  ...forms,
  'and',
  'of',
  'é',
  '1 + 1',
  '"so"',
  'R&D',
  '100%',
  'a\\b',
  '🐢',
  'x=1',
  'C:\\new',
)
const texts = fc
  .array(fc.tuple(words, fc.constantFrom(' ', ', ', '\n', ' (', ') ', '; ')), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.map((part) => part.join('')).join(''))

function guardOf(text: string): Guard {
  return makeGuard({ values, texts: [text], secret: new Uint8Array(32).fill(3), conversation: 'escaped' })
}

describe('whatever a text is escaped in, once or twice,', { timeout: 240_000 }, () => {
  test('no private value is left in it, and an echo of it has all of them again', () => {
    fc.assert(
      fc.property(texts, nestedEscapings, (text, { write, read }) => {
        const written = write(text)
        const guard = guardOf(written)
        const masked = guard.mask(written)
        for (const form of forms) expect(stands(form, read(masked))).toBe(false)
        expect(read(guard.restore(masked))).toBe(text)
      }),
      { numRuns: 300 },
    )
  })

  test('it is masked and restored in pieces as it is in one', () => {
    fc.assert(
      fc.property(texts, nestedEscapings, (text, { write }) => {
        const written = write(text)
        const guard = guardOf(written)
        const masked = guard.mask(written)
        const stream = guard.restored()
        const told = Array.from(masked, (character) => stream.push(character)).join('')
        expect(told + stream.flush()).toBe(guard.restore(masked))
      }),
    )
  })
})
