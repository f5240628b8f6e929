import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FormMatcher } from '../../../src/guard/matching/form-matcher.ts'
import { unguarded } from '../../../src/guard/public.ts'
import { PublicSequence } from '../../../src/steer/guard/public-sequence.ts'
import { type TokenId, tokenId } from '../../../src/steer/token-id.ts'
import { guards, holdsForm, spacedVocabulary, textOf } from './guarded-scenario.ts'

const tokens = fc.array(fc.nat(spacedVocabulary.size - 1).map(tokenId), { maxLength: 24 })

/** Takes all tokens; returns what the upstream would read behind each. */
function views(sequence: PublicSequence, taken: readonly TokenId[]): TokenId[][] {
  return taken.map((token) => {
    sequence.take(token)
    return [...sequence.tokens]
  })
}

test('no prefix of what the upstream reads holds a private form, whatever is emitted', () => {
  fc.assert(
    fc.property(guards, tokens, (guard, taken) => {
      for (const view of views(new PublicSequence(unguarded([]), guard), taken))
        expect(holdsForm(guard, view)).toBe(false)
    }),
    { numRuns: 2000 },
  )
})

test('a sequence without private forms is the same in both views', () => {
  fc.assert(
    fc.property(guards, tokens, (guard, taken) => {
      fc.pre(taken.every((_, index) => !holdsForm(guard, taken.slice(0, index + 1))))
      const sequence = new PublicSequence(unguarded([tokenId(8)]), guard)
      expect(taken.every((token) => sequence.take(token))).toBe(true)
      expect(sequence.tokens).toEqual([tokenId(8), ...taken])
    }),
  )
})

test('only the form is replaced, and what stands around it stays', () => {
  const realForms = new FormMatcher(['ab', 'b b'])
  const ids = [0, 5, 2, 1, 1].map(tokenId)
  const [some] = fc.sample(guards, { seed: 3, numRuns: 1 })
  if (some === undefined) throw new Error('no guard')
  const guard = { ...some, realForms, aliasFor: (form: number) => (form === 0 ? 'éa' : 'ééé') }
  const seen = views(new PublicSequence(unguarded([]), guard), ids).map(textOf)
  expect(seen).toEqual(['a', 'a ', 'a éa', 'a éa b', 'a éa ééé'])
})

test('a longer form takes the place of the ones that it holds, and of nothing else', () => {
  const [some] = fc.sample(guards, { seed: 3, numRuns: 1 })
  if (some === undefined) throw new Error('no guard')
  const realForms = new FormMatcher(['ab', 'ab ca ab', 'caé'])
  const guard = { ...some, realForms, aliasFor: (form: number) => ['é', 'ééé', 'éé'][form] ?? '' }
  const seen = (ids: number[]) =>
    views(new PublicSequence(unguarded([tokenId(8)]), guard), ids.map(tokenId)).map(textOf)
  expect(seen([1, 5, 2, 3, 5, 2, 5, 1])).toEqual([
    ' b',
    ' b ',
    ' b é',
    ' b é ca',
    ' b é ca ',
    ' b ééé',
    ' b ééé ',
    ' b ééé  b',
  ])
  // The first one of two that overlap
  expect(seen([2, 3, 6, 5, 2]).at(-1)).toBe('é éé é')
})

test('a form that the prompt begins is not completed behind it', () => {
  const realForms = new FormMatcher(['babab'])
  const [some] = fc.sample(guards, { seed: 3, numRuns: 1 })
  if (some === undefined) throw new Error('no guard')
  const prompt = unguarded([1, 2].map(tokenId))
  const sequence = new PublicSequence(prompt, { ...some, realForms, aliasFor: () => 'éa' })
  sequence.take(tokenId(2))
  expect(realForms.find(textOf(sequence.tokens))).toEqual([])
  expect(textOf(sequence.tokens)).toMatch(/^ bab/)
})
