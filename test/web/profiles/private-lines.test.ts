import { describe, expect, test } from 'vitest'
import { linesOfValues, valuesOfLines } from '../../../web/profiles/private-lines.ts'

describe('private values as lines', () => {
  const values = [
    { kind: 'person' as const, value: 'Noor Lindqvist', forms: ['Noor', 'Lindqvist'] },
    { kind: 'url' as const, value: 'https://noor.example', forms: [] },
  ]

  test('say kind, value and other forms, and are read again as they were', () => {
    expect(linesOfValues(values)).toBe('person: Noor Lindqvist | Noor | Lindqvist\nurl: https://noor.example')
    expect(valuesOfLines(linesOfValues(values))).toEqual(values)
  })

  test('may lack a kind, and hold colons, blank parts and blank lines', () => {
    expect(valuesOfLines('Room: 12\n\n date : 14 March 1988 | \nperson:')).toEqual([
      { kind: 'other', value: 'Room: 12', forms: [] },
      { kind: 'date', value: '14 March 1988', forms: [] },
    ])
  })
})
