import { describe, expect, test } from 'vitest'
import { ReasoningText } from '../../../src/steer/channels/reasoning-text.ts'

const encoder = new TextEncoder()

/** What is shown of each block, given in pieces. */
function shown(heading: string, ...blocks: readonly (readonly string[])[]) {
  const text = new ReasoningText(heading)
  return blocks.map((pieces) => {
    text.open()
    return pieces.map((piece) => text.push(encoder.encode(piece))).join('') + text.close()
  })
}

describe('the text of thoughts', () => {
  test('loses the white space around a block, and none within', () => {
    expect(shown('', ['\n', ' a\n', '\n', 'b ', '\n'])).toEqual(['a\n\nb'])
    expect(shown('', ['\n\n'])).toEqual([''])
  })

  test('shows white space as soon as text follows, not before', () => {
    const text = new ReasoningText('')
    text.open()
    expect(text.push(encoder.encode('a \n'))).toBe('a')
    expect(text.push(encoder.encode('b'))).toBe(' \nb')
  })

  test('begins a line with each further block that has text', () => {
    expect(shown('', ['a'], ['\n'], ['b'])).toEqual(['a', '', '\nb'])
  })

  test('loses the heading of a block where it is one', () => {
    expect(shown('thought', ['tho', 'ught', '\nA'])).toEqual(['A'])
    expect(shown('thought', ['thought'])).toEqual([''])
    expect(shown('thought', ['thoughtful'])).toEqual(['thoughtful'])
    expect(shown('thought', ['tho'])).toEqual(['tho'])
  })

  test('takes a block without an opening as it is', () => {
    const text = new ReasoningText('thought')
    expect(text.push(encoder.encode('thought one'))).toBe('thought one')
  })

  test('never cuts a character', () => {
    const text = new ReasoningText('')
    text.open()
    const bytes = encoder.encode('é')
    expect(text.push(bytes.slice(0, 1))).toBe('')
    expect(text.push(bytes.slice(1))).toBe('é')
    text.push(bytes.slice(0, 1))
    expect(text.close()).toBe('\ufffd')
  })
})
