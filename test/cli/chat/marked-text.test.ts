import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type MarkedPiece, MarkedText } from '../../../src/cli/chat/marked-text.ts'
import { tokenTrace } from '../../web/token-trace.ts'

/** Changed words in capitals. */
function shown(pieces: readonly MarkedPiece[]): string {
  return pieces.map(({ text, style }) => (style === 'moved' ? text.toUpperCase() : text)).join('')
}

test('a word that the profile changed is marked as a whole, without the space before it', () => {
  const text = new MarkedText()
  text.addTrace(tokenTrace('Aye'))
  text.addTrace(tokenTrace(' sailor', { shift: 2, position: 1, unsteered: { id: 9, text: ' friend' } }))
  expect(shown(text.addText('Aye sai'))).toBe('Aye ')
  expect(shown([...text.addText('lor'), ...text.addText('!'), ...text.finish()])).toBe('SAILOR!')
})

test('all text is told once, and at once where no token is traced', () => {
  const part = fc.string({ unit: fc.constantFrom('a', ' ', '\n', "'", '7') })
  fc.assert(
    fc.property(fc.array(part), fc.boolean(), (parts, traced) => {
      const text = new MarkedText()
      if (traced) text.addTrace(tokenTrace('a', { shift: 2, unsteered: { id: 9, text: 'b' } }))
      const told = parts.map((one) =>
        text
          .addText(one)
          .map((piece) => piece.text)
          .join(''),
      )
      if (!traced) expect(told).toEqual(parts)
      const rest = text.finish().map((piece) => piece.text)
      expect([...told, ...rest].join('')).toBe(parts.join(''))
    }),
  )
})
