import { describe, expect, test } from 'vitest'
import { findPatterns } from '../../src/guard/find-patterns.ts'
import { runWhole } from '../../src/sliced-work.ts'

function found(text: string, handles: readonly string[] = []): string[] {
  return runWhole(findPatterns(text, handles)).map(({ value }) => value)
}

describe('what has a pattern is found', () => {
  test.each([
    ['an e-mail address', 'write to noor.l+moss@ku.example.org.', 'noor.l+moss@ku.example.org'],
    ['an IBAN', 'from GB29 NWBK 6016 1331 9268 19, please', 'GB29 NWBK 6016 1331 9268 19'],
    ['a card', 'paid with 4111-1111-1111-1111.', '4111-1111-1111-1111'],
    ['a national id with a checksum', 'PESEL: 44051401359', '44051401359'],
    ['a social security number', 'SSN 219-09-9998', '219-09-9998'],
    ['an international telephone number', 'call +44 20 7946 0958 today', '+44 20 7946 0958'],
  ])('%s', (_, text, value) => {
    expect(found(text)).toEqual([value])
  })

  test('a URL that holds a handle of the user', () => {
    const text = 'See https://example.org/~noor-lindqvist/moss, and https://example.org/moss.'
    expect(found(text, ['Noor Lindqvist'])).toEqual(['https://example.org/~noor-lindqvist/moss'])
  })
})

describe('what only looks like one is left', () => {
  test.each([
    ['an IBAN with a wrong checksum', 'GB28 NWBK 6016 1331 9268 19'],
    ['a card number with a wrong checksum', '4111 1111 1111 1112'],
    ['a long number', '12345678901234567890 and 3.14159265358979'],
    ['a version, a date and an amount', 'v22.11.1 of 2026-11-29 costs 1,200,000'],
    ['a name behind an at sign', '@noor'],
    ['a URL of somebody else', 'https://example.org/moss'],
  ])('%s', (_, text) => {
    expect(found(text, ['Noor Lindqvist'])).toEqual([])
  })
})

test('a long text is searched to its end, and a value found wherever it stands', () => {
  for (const value of ['noor@ku.example.org', '+44 20 7946 0958', '4111-1111-1111-1111', '44051401359']) {
    for (let before = 8150; before < 8250; before++) {
      expect(found(`${'-x'.repeat(before / 2)} ${value} ${'-y'.repeat(9000)}`)).toEqual([value])
    }
  }
})
