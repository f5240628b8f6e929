import fc from 'fast-check'
import { expect, test } from 'vitest'
import { alignTokens } from '../../../../src/proxy/answers/trace/align-tokens.ts'
import { tokenTrace } from '../../../web/token-trace.ts'

function aligned(text: string, tokens: readonly string[]) {
  return alignTokens(
    text,
    tokens.map((token, position) => tokenTrace(token, { position })),
  ).map((piece) => [piece.text, piece.trace?.position ?? null])
}

test('gives each token its text', () => {
  expect(aligned('the the cat', ['the', ' the', ' cat'])).toEqual([
    ['the', 0],
    [' the', 1],
    [' cat', 2],
  ])
})

test('leaves out tokens that are not visible yet', () => {
  expect(aligned('the', ['the', ' cat'])).toEqual([['the', 0]])
})

test('gives a character to the last of the tokens that hold parts of it', () => {
  expect(aligned('a 🌿 b', ['a', ' \u{fffd}', '\u{fffd}', '\u{fffd}', ' b'])).toEqual([
    ['a', 0],
    [' 🌿', 3],
    [' b', 4],
  ])
  expect(aligned('a🌿', ['a', '\u{fffd}', '\u{fffd}'])).toEqual([
    ['a', 0],
    ['🌿', 2],
  ])
})

test('keeps text without traces', () => {
  expect(aligned('the cat sat', ['the', ' cat'])).toEqual([
    ['the', 0],
    [' cat', 1],
    [' sat', null],
  ])
  expect(aligned('plain', [])).toEqual([['plain', null]])
})

test('the pieces joined are the text, whatever the tokens', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', '🌿', '\u{fffd}'), maxLength: 6 })
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.array(word), (text, tokens) => {
      for (const answer of [text, tokens.join('')]) {
        const joined = aligned(answer, tokens).map(([piece]) => piece)
        expect(joined.join('')).toBe(answer)
      }
    }),
  )
})

test('tokens of whole characters keep their own positions', () => {
  const words = fc.array(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 }).filter((t) => !t.includes('\u{fffd}')),
  )
  fc.assert(
    fc.property(words, (tokens) => {
      expect(aligned(tokens.join(''), tokens)).toEqual(tokens.map((token, position) => [token, position]))
    }),
  )
})
