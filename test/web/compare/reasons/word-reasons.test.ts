import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ProfilePart } from '../../../../web/compare/reasons/profile-parts.ts'
import { longestRun, wordReasons } from '../../../../web/compare/reasons/word-reasons.ts'

const van: ProfilePart = { kind: 'fact', text: 'She drives a pink van called Josephine.' }
const style: ProfilePart = { kind: 'style', text: 'Ends with "Kisses and roses, Delphine".' }
const letter: ProfilePart = { kind: 'text', text: 'I paint the parrot pink!\n\nKisses and roses,\nDelphine' }
const parts = [van, style, letter]

function phrase(answer: string, index: number, from: readonly ProfilePart[] = parts) {
  const reason = wordReasons(answer, [index], from).get(index)
  return reason && [reason.part.kind, reason.part.text.slice(reason.start, reason.end)]
}

describe('a word comes from', () => {
  test('the part that has it, whatever its ending, case and accents', () => {
    expect(phrase('Two vans wait', 1)).toEqual(['fact', 'van'])
    expect(phrase('JOSÉPHINE waits', 0)).toEqual(['fact', 'Josephine'])
    expect(phrase('He painted it', 1)).toEqual(['text', 'paint'])
  })

  test('the part that shares the longest run with the answer there', () => {
    expect(phrase('A pink van', 1)).toEqual(['fact', 'a pink van'])
    expect(phrase('The parrot, pink', 2)).toEqual(['text', 'the parrot pink'])
  })

  test('the first of parts that share as much', () => {
    expect(phrase('Kisses and roses, Delphine', 2)).toEqual(['style', 'Kisses and roses, Delphine'])
  })

  test('the profile as a whole, where no part has it', () => {
    expect(phrase('A lovely day', 1)).toBeUndefined()
    expect(phrase('A pink van', 1, [])).toBeUndefined()
  })

  test('a part that has the word itself, whatever is shared beside it', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' ', '.', '\n') })
    fc.assert(
      fc.property(letters, letters, (answer, text) => {
        const count = (answer.match(/[abc]+/g) ?? []).length
        const indices = Array.from({ length: count }, (_, index) => index)
        for (const [index, reason] of wordReasons(answer, indices, [{ kind: 'fact', text }])) {
          const said = (answer.match(/[abc]+/g) ?? [])[index]
          const shared = text.slice(reason.start, reason.end).match(/[abc]+/g) ?? []
          expect(shared).toContain(said)
          expect(shared).toHaveLength(reason.last - reason.first + 1)
        }
      }),
    )
  })
})

test('the longest run is found wherever it stands', () => {
  expect(longestRun('So I paint the parrot pink, darling', parts)).toBe(5)
  expect(longestRun('nothing of it', parts)).toBe(0)
  expect(longestRun('', parts)).toBe(0)
})
