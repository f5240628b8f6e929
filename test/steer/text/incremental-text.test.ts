import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { IncrementalText } from '../../../src/steer/text/incremental-text.ts'
import { tokenId } from '../../../src/steer/token-id.ts'
import type { Vocabulary } from '../../../src/steer/vocabulary.ts'

const byteVocabulary: Vocabulary = {
  size: 256,
  fingerprint: 'bytes',
  bytes: (token) => Uint8Array.of(token),
  endTokens: new Set(),
}

describe('incremental text', () => {
  test('every piece is whole characters and the pieces make up the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const stream = new IncrementalText(byteVocabulary)
        const pieces = Array.from(new TextEncoder().encode(text), (byte) => stream.push(tokenId(byte)))
        pieces.push(stream.flush())
        expect(pieces.join('')).toBe(text.toWellFormed())
        expect(pieces.join('').includes('\uFFFD')).toBe(text.toWellFormed().includes('\uFFFD'))
      }),
    )
  })

  test('an unfinished character at the end becomes U+FFFD', () => {
    const stream = new IncrementalText(byteVocabulary)
    expect(stream.push(tokenId(0xf0))).toBe('')
    expect(stream.push(tokenId(0x9f))).toBe('')
    expect(stream.flush()).toBe('\uFFFD')
  })
})
