import { expect, test } from 'vitest'
import { haveSameTokens } from '../../../src/steer/alignment/same-tokens.ts'
import type { Vocabulary } from '../../../src/steer/vocabulary.ts'

function vocabulary(tokens: readonly string[]): Vocabulary {
  return {
    size: tokens.length,
    fingerprint: tokens.join(),
    bytes: (token) => new TextEncoder().encode(tokens[token] ?? ''),
    endTokens: new Set(),
  }
}

const words = Array.from({ length: 100 }, (_, id) => `word${id}`)

test('a few marks that one model has in rows that the other leaves empty make no difference', () => {
  const later = [...words, '<think>', '</think>', '', '']
  expect(haveSameTokens(vocabulary(words), vocabulary(later))).toBe(true)
  expect(haveSameTokens(vocabulary(later), vocabulary([...words, '', '']))).toBe(true)
})

test.each([
  ['another word in one row', ['other', ...words.slice(1)]],
  ['words in another order', [...words].reverse()],
  ['many words more', [...words, ...words]],
])('%s is another vocabulary', (_, tokens) => {
  expect(haveSameTokens(vocabulary(words), vocabulary(tokens))).toBe(false)
  expect(haveSameTokens(vocabulary(tokens), vocabulary(words))).toBe(false)
})
