import { describe, expect, test } from 'vitest'
import { checkTextLength } from '../../../src/gateway/prompts/check-text-length.ts'
import type { Vocabulary } from '../../../src/steer/vocabulary.ts'

const vocabulary: Vocabulary = {
  size: 3,
  fingerprint: 'three',
  bytes: (token) => new TextEncoder().encode(['a', 'é', 'abcd'][token] ?? ''),
  endTokens: new Set(),
}
const upstream = { vocabulary, limits: { contextTokens: 5, maxCandidates: 3, maxInFlight: 1 } }
function chat(...texts: string[]) {
  return {
    type: 'chat' as const,
    messages: texts.map((content) => ({ role: 'user' as const, content })),
  }
}
function tooLong(param: string) {
  return expect.objectContaining({ code: 'context_length_exceeded', param })
}

describe('the length of a text', () => {
  test('is fine while tokens as long as the longest could make it fit', () => {
    checkTextLength(chat('x'.repeat(12), 'x'.repeat(8)), upstream)
    checkTextLength({ type: 'text', text: 'x'.repeat(20) }, upstream)
  })

  test('is counted in bytes over all messages', () => {
    expect(() => checkTextLength(chat('x'.repeat(12), 'x'.repeat(9)), upstream)).toThrow(tooLong('messages'))
    expect(() => checkTextLength(chat('é'.repeat(11)), upstream)).toThrow(tooLong('messages'))
    expect(() => checkTextLength({ type: 'text', text: 'x'.repeat(21) }, upstream)).toThrow(tooLong('prompt'))
  })

  test('does not count white space around a message, which a template may drop', () => {
    checkTextLength(chat(`${' '.repeat(50)}x${'\n'.repeat(50)}`), upstream)
  })

  test('is no matter of token ids', () => {
    checkTextLength({ type: 'tokens', tokens: Array.from({ length: 100 }, () => 1) }, upstream)
  })
})
