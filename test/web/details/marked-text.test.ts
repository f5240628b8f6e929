import { describe, expect, test } from 'vitest'
import { markedText } from '../../../web/details/marked-text.ts'

describe('texts are marked where they stand in another', () => {
  test('in any case, and the longest first', () => {
    const parts = markedText('NOOR is Noor Lindqvist.', ['Noor', 'Noor Lindqvist'])
    expect(parts).toEqual([
      { text: 'NOOR', is: 'Noor' },
      { text: ' is ', is: null },
      { text: 'Noor Lindqvist', is: 'Noor Lindqvist' },
      { text: '.', is: null },
    ])
  })

  test('with signs that mean something in patterns', () => {
    expect(markedText('call +1 (2).', ['+1 (2)']).map(({ is }) => is)).toEqual([null, '+1 (2)', null])
  })

  test('and nowhere where there is nothing to mark', () => {
    expect(markedText('Hello', [])).toEqual([{ text: 'Hello', is: null }])
    expect(markedText('', ['a'])).toEqual([])
  })
})
