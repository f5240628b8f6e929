import { expect, test } from 'vitest'
import { suggestValues } from '../../src/guard/suggest-values.ts'

function suggested(text: string, declared: Parameters<typeof suggestValues>[1] = []): string[] {
  return suggestValues({ name: 'Noor', texts: [text] }, declared).map(
    ({ kind, value }) => `${kind}: ${value}`,
  )
}

test('names, numbers and dates are suggested, and no pattern, which is private anyway', () => {
  const text =
    'She reads at Kyoto University since 3 March 2021, in room 4711, and lives near the Kamo. noor@ku.example.org'
  expect(suggested(text)).toEqual([
    'person: Noor',
    'date: 3 March 2021',
    'organisation: Kyoto University',
    'other: Kamo',
    'number: 4711',
  ])
})

test('a capital at the beginning of a sentence, a month and what is declared are not', () => {
  const declared = [
    { kind: 'person' as const, value: 'Noor Lindqvist', forms: ['Noor'] },
    { kind: 'place' as const, value: 'Kyoto', forms: [] },
  ]
  expect(suggested('Mosses grow slowly. They rest in March, in Kyoto too.', declared)).toEqual([])
})

test('no suggestion is too short to be declared', () => {
  const forms = (name: string) => suggestValues({ name, texts: [] }, []).map((value) => value.forms)
  expect(forms('J. R. Noor Lindqvist')).toEqual([['Noor', 'Lindqvist']])
  expect(forms('J. Noor')).toEqual([['Noor']])
  expect(forms('Noor')).toEqual([[]])
  expect(forms('J.')).toEqual([])
})

test('without an owner’s name, only what the texts hold is suggested', () => {
  const texts = ['She lives near the Kamo.']
  expect(suggestValues({ name: null, texts }, [])).toEqual([{ kind: 'other', value: 'Kamo', forms: [] }])
})
