import { describe, expect, test } from 'vitest'
import { readEscape } from '../../../src/guard/matching/escapes.ts'

describe('an escape says, once it is whole,', () => {
  test.each([
    ['&uuml;', 'ü'],
    ['&#252;', 'ü'],
    ['&#xFC;', 'ü'],
    ['&#x000000FC;', 'ü'],
    ['&CounterClockwiseContourIntegral;', '∳'],
    ['%6F', 'o'],
    ['=6F', 'o'],
    ['\\u00fc', 'ü'],
    ['\\u{1F422}', '🐢'],
    ['\\U0001F422', '🐢'],
    ['\\ud842\\udfb7', '𠮷'],
    ['\\x6f', 'o'],
    ['\\157', 'o'],
    ['\\n', '\n'],
    ['\x1b[1;31m', '\0'],
  ])('%j: %j', (written, says) => {
    for (let length = 1; length < written.length; length++) {
      expect(readEscape(written.slice(0, length))).toEqual({ says: null, goesOn: true })
    }
    expect(readEscape(written)).toEqual({ says, goesOn: false })
  })

  test.each([
    ['%C3%BC', 'ü'],
    ['=C3=BC', 'ü'],
    ['\\xc3\\xbc', 'ü'],
    ['\\303\\274', 'ü'],
    ['%F0%9F%90%A2', '🐢'],
  ])('%j: %j, and goes on up to there', (written, says) => {
    for (let length = 1; length < written.length; length++) {
      expect(readEscape(written.slice(0, length)).goesOn).toBe(true)
    }
    expect(readEscape(written)).toEqual({ says, goesOn: false })
  })

  test.each([
    ['%FC', 'ü'],
    ['%E9', 'é'],
    ['\\xe9', 'é'],
  ])('%j: %j, where each character is a byte', (written, says) => {
    expect(readEscape(written).says).toBe(says)
  })

  test.each([
    '&u ',
    '&;',
    '&zzz;',
    '%6G',
    '%C3%28',
    '%E9%20',
    '\\u00g',
    '\\u{110000}',
    '\\q',
    '\x1b(',
    'u',
    '',
  ])('nothing where it is none: %j', (written) => {
    expect(readEscape(written)).toEqual({ says: null, goesOn: false })
  })
})
