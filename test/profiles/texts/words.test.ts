import { expect, test } from 'vitest'
import { words } from '../../../src/profiles/texts/words.ts'

test.each([
  ["Don't touch the crème brûlée, 7:40!", ["don't", 'touch', 'the', 'creme', 'brulee', '7', '40']],
  ['ΣΊΣΥΦΟΣ и Ёлка', ['σισυφος', 'и', 'елка']],
  ['京都の庭', ['京都', 'の', '庭']],
  ['\ufdfa'.repeat(100), [expect.stringMatching(/^.{1,64}$/)]],
  ['… — !', []],
])('divides %j', (text, expected) => {
  expect([...words(text)]).toEqual(expected)
})
