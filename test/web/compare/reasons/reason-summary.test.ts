import { expect, test } from 'vitest'
import type { ProfilePart } from '../../../../web/compare/reasons/profile-parts.ts'
import { reasonSummary } from '../../../../web/compare/reasons/reason-summary.ts'
import { foundWords } from '../../../../web/compare/reasons/word-key.ts'
import { wordReasons } from '../../../../web/compare/reasons/word-reasons.ts'

const parts: readonly ProfilePart[] = [
  { kind: 'fact', text: 'She drives a pink van called Josephine.' },
  { kind: 'fact', text: 'They have a parrot who sings.' },
  { kind: 'style', text: 'Begins with "Oh, darling!"' },
  { kind: 'preference', text: 'Cannot bear carnations.' },
  { kind: 'text', text: 'My shop smells of jasmine and jazz!\n\nKisses and roses,\nDelphine' },
]

/** The line below an answer whose words in capitals were changed. */
function summary(marked: string): string {
  const words = foundWords(marked)
  const changed = words.flatMap(({ start, end }, index) => {
    const word = marked.slice(start, end)
    return word === word.toUpperCase() ? [index] : []
  })
  const reasons = wordReasons(marked, changed, parts)
  return reasonSummary({ changed, words: words.length, reasons })
}

test('it counts facts, preferences and favourite words once each', () => {
  const words = 'now and then, by the river and elsewhere'
  expect(summary(`On most days the PINK VAN brings JASMINE ${words}`)).toBe('1 fact, 1 favourite word')
  expect(summary(`On most days the VAN and the PARROT, no CARNATIONS ${words}`)).toBe('2 facts, 1 preference')
})

test('greeting and sign-off are called what they are', () => {
  expect(summary('Oh, DARLING! Come on Sunday, and bring the drums. There is rice.\nKISSES and ROSES')).toBe(
    'the greeting, the sign-off',
  )
})

test('it is empty where nothing of the profile is found', () => {
  expect(summary('some LOVELY day')).toBe('')
  expect(summary('the pink van')).toBe('')
})
