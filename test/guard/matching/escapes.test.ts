import { describe, expect, test } from 'vitest'
import { escapeSays } from '../../../src/guard/matching/escapes.ts'

describe('an escape says', () => {
  test.each([
    ['&uuml;', 'ü'],
    ['&#252;', 'ü'],
    ['&#xFC;', 'ü'],
    ['&#x000000FC;', 'ü'],
    ['&CounterClockwiseContourIntegral;', '∳'],
    ['%6F', 'o'],
    ['%C3%BC', 'ü'],
    ['%F0%9F%90%A2', '🐢'],
    ['\\u00fc', 'ü'],
    ['\\u{1F422}', '🐢'],
    ['\\ud842\\udfb7', '𠮷'],
    ['\\x6f', 'o'],
    ['\\n', ' '],
    ['\x1b[1;31m', ' '],
  ])('%j: %j', (written, says) => {
    for (let length = 1; length < written.length; length++) {
      expect(escapeSays(written.slice(0, length))).toBeNull()
    }
    expect(escapeSays(written)).toBe(says)
  })

  test.each(['&u ', '&;', '%6G', '%C3%28', '\\u00g', '\\u{110000}', '\\q', '\x1b(', 'u', ''])(
    'nothing where it is none: %j',
    (written) => {
      expect(escapeSays(written) ?? '').not.toMatch(/\p{L}/u)
    },
  )
})
