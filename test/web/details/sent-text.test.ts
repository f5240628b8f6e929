import { expect, test } from 'vitest'
import { searchableText, sentText } from '../../../web/details/sent-text.ts'

function request(body: string, more: { text?: string } = {}) {
  return {
    type: 'upstream-request' as const,
    choice: 0,
    atMs: 0,
    method: 'POST',
    path: '/completion',
    body,
    ...more,
  }
}

test('reads the text of token ids, from the gateway or from the body itself', () => {
  expect(sentText(request('{"prompt":[1,2]}', { text: 'hello' }))).toBe('hello')
  expect(sentText(request('{"prefixes":[[1],[2]],"texts":["one","two"]}'))).toBe('one\ntwo')
})

test('is the body where that says it itself', () => {
  for (const body of ['{"prompt":"hello"}', '', 'no json', 'null', '[1]'])
    expect(sentText(request(body))).toBe(body)
})

test('words are found behind the escapes of JSON', () => {
  const body = JSON.stringify({ messages: [{ content: 'one\ntwo "three" é' }] }).replace('é', '\\u00e9')
  expect(searchableText(request(body))).toContain('one\ntwo "three" é')
  expect(searchableText(request('{"prompt":[1]}', { text: 'hello' }))).toContain('hello')
})
