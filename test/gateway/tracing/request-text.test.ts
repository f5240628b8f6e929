import { expect, test } from 'vitest'
import { requestText } from '../../../src/gateway/tracing/request-text.ts'
import type { Vocabulary } from '../../../src/steer/vocabulary.ts'

const words = ['the', ' cat', ' sat']
const vocabulary: Vocabulary = {
  size: words.length,
  fingerprint: '',
  bytes: (token) => Buffer.from(words[token] ?? ''),
  endTokens: new Set(),
}
function read(body: unknown) {
  return requestText(JSON.stringify(body), vocabulary)
}

test('reads the token ids of one prompt, and of several', () => {
  expect(read({ prompt: [0, 1, 2] })).toBe('the cat sat')
  expect(read({ input_ids: [0, 2] })).toBe('the sat')
  expect(read({ prompt: [[0, 1], [0]] })).toBe('the cat\nthe')
})

test('skips ids that the vocabulary does not have', () => {
  expect(read({ prompt: [0, 9, 1] })).toBe('the cat')
})

test('says nothing of bodies without ids', () => {
  for (const body of [
    { prompt: 'text' },
    { messages: [] },
    { prompt: [] },
    { prompt: [[0], 'x'] },
    [],
    null,
  ]) {
    expect(read(body)).toBeUndefined()
  }
  expect(requestText('no json', vocabulary)).toBeUndefined()
})
