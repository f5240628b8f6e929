import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TextPiece } from '../../../../src/proxy/answers/trace/align-tokens.ts'
import { answerWords } from '../../../../src/proxy/answers/trace/answer-words.ts'
import { tokenTrace } from '../../../web/token-trace.ts'

/** A token's text, and what would stand there without the profile. */
function piece(text: string, unsteered = text, shift = 2): TextPiece {
  const moved = unsteered === text ? {} : { unsteered: { id: 9, text: unsteered }, shift }
  return { text, trace: tokenTrace(text, moved) }
}

/** The words that count as changed. */
function changed(...pieces: readonly TextPiece[]): string[] {
  return answerWords(pieces)
    .filter(({ shift }) => shift !== null)
    .map((word) => word.pieces.map(({ text }) => text).join(''))
}

describe('the changed words of an answer', () => {
  test('are whole, whichever of their tokens was another, and without the signs around them', () => {
    expect(changed(piece(' mag', ' mus'), piece('nolias'), piece(','), piece(' soft'))).toEqual(['magnolias'])
    expect(changed(piece('Hay'), piece('fork', 'stack'), piece('!', '.'))).toEqual(['Hayfork'])
    expect(changed(piece(' south'), piece('-'), piece('west', 'east'))).toEqual(['south-west'])
    expect(changed(piece('🌿', '🙂'))).toEqual(['🌿'])
  })

  test('are none of function words, signs, and shifts that are hardly there', () => {
    expect(changed(piece(' The', ' A'), piece(' moss'), piece('!', '.'), piece(' don’t', ' do'))).toEqual([])
    expect(changed(piece(' moss', ' music', 0.9))).toEqual([])
    expect(changed(piece(' moss', ' music', -3))).toEqual([])
  })

  test('are none that would be the same word in other letters or with another space', () => {
    expect(changed(piece(' Moss', ' moss'), piece('\n\nDear', ' Dear'))).toEqual([])
  })

  test('are numbers as a whole, and not by a later part', () => {
    expect(changed(piece(' 2', ' 3'), piece('8'))).toEqual(['28'])
    expect(changed(piece(' 2'), piece('8', '9'))).toEqual([])
    expect(changed(piece(' 5'), piece(':'), piece('30', '00'))).toEqual([])
  })

  test('carry the largest shift of their tokens', () => {
    const [, word] = answerWords([piece(' mag', ' mus', 1), piece('nolia', 'net', 3)])
    expect(word?.shift).toBe(3)
  })
})

test('words and what is between them join to the whole text, each part with its token', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'é', '7', ':', "'", '-', ' ', '\n', '🙂', '語') })
  fc.assert(
    fc.property(fc.array(text), (texts) => {
      const pieces = texts.map((part) => piece(part, 'other'))
      const cut = answerWords(pieces).flatMap((stretch) => stretch.pieces)
      expect(cut.map((part) => part.text).join('')).toBe(texts.join(''))
      for (const { text: part, trace } of cut) expect(trace?.token.text).toContain(part)
    }),
  )
})
