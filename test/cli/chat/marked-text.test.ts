import { expect, test } from 'vitest'
import { MarkedText } from '../../../src/cli/chat/marked-text.ts'
import { tokenTrace } from '../../web/token-trace.ts'

test('a word that the profile changed is marked, without the space before it', () => {
  const text = new MarkedText()
  text.addTrace(tokenTrace('Aye'))
  text.addTrace(tokenTrace(' sailor', { shift: 2, position: 1, unsteered: { id: 9, text: ' you' } }))
  const pieces = [...text.addText('Aye sai'), ...text.addText('lor')]
  expect(
    pieces.map(({ text: piece, style }) => (style === 'moved' ? piece.toUpperCase() : piece)).join(''),
  ).toBe('Aye saiLOR')
})
