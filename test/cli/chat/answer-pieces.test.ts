import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AnswerPieces } from '../../../src/cli/chat/answer-pieces.ts'
import type { MarkedPiece } from '../../../src/cli/chat/marked-text.ts'
import { tokenTrace } from '../../web/token-trace.ts'

/** Dimmed words stand between parentheses. */
function printed(...pieces: readonly (readonly MarkedPiece[])[]): string {
  return pieces
    .flat()
    .map(({ text, style }) => (style === 'dim' ? `⟨${text}⟩` : text))
    .join('')
}

describe('the pieces of an answer', () => {
  test('are its thoughts, dimmed, and its text behind them', () => {
    const pieces = new AnswerPieces()
    const said = printed(
      pieces.thought('\nA friend,'),
      pieces.thought(' on Friday.\n'),
      pieces.text('\n\n'),
      pieces.text('Dear '),
      pieces.text('friend'),
    )
    expect(said).toBe('⟨(thinking) ⟩⟨A friend,⟩⟨ on Friday.⟩\n\nDear friend')
  })

  test('are the text alone where there is nothing else, with the space that it begins with', () => {
    const pieces = new AnswerPieces()
    expect(printed(pieces.text(' Dear'), pieces.text('\n\nfriend'))).toBe(' Dear\n\nfriend')
  })

  test('have each call on a line', () => {
    const pieces = new AnswerPieces()
    const said = printed(
      pieces.text('I look.'),
      pieces.call({ name: 'weather', arguments: '{"city": "Ghent", "days": [1, 2]}' }),
      pieces.call({ name: 'now', arguments: '{}' }),
      pieces.call({ name: 'cut', arguments: '{"city": "Gh' }),
      pieces.text('Well.'),
    )
    expect(said).toBe(
      'I look.\n\n→ weather(city: "Ghent", days: [1,2])\n→ now()\n→ cut({"city": "Gh)\n\nWell.',
    )
  })

  test('tell a word that waits to be marked before what comes behind it', () => {
    const pieces = new AnswerPieces()
    const thought = pieces.thought('Hm.')
    pieces.addTrace(tokenTrace('Aye', { shift: 2, unsteered: { id: 9, text: 'Yes' } }))
    const aye = pieces.text('\n\nAye')
    expect(printed(thought, aye, pieces.call({ name: 'now', arguments: '{}' }))).toBe(
      '⟨(thinking) ⟩⟨Hm.⟩\n\nAye\n\n→ now()',
    )
    pieces.text('Well')
    expect(printed(pieces.end(), pieces.end())).toBe('\n\nWell')
  })

  test('hold all thoughts but the space around them, however they are cut', () => {
    const word = fc.constantFrom('a', 'b', ' ', '\n')
    fc.assert(
      fc.property(fc.array(fc.string({ unit: word, maxLength: 4 })), (parts) => {
        const pieces = new AnswerPieces()
        const said = parts.flatMap((part) => pieces.thought(part)).map(({ text }) => text)
        const thoughts = parts.join('').trim()
        expect(said.join('')).toBe(thoughts === '' ? '' : `(thinking) ${thoughts}`)
      }),
    )
  })
})
