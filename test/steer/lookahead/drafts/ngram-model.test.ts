import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NgramModel } from '../../../../src/steer/lookahead/drafts/ngram-model.ts'
import { tokenIds } from '../../../../src/steer/token-id.ts'

const tokens = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 40 }).map(tokenIds)

function modelOf(text: ReturnType<typeof tokenIds>): NgramModel {
  const model = new NgramModel()
  for (const [i, token] of text.entries()) model.count(text.slice(Math.max(0, i - 3), i), token, 1)
  return model
}

describe('the n-gram model', () => {
  test('guesses what followed before, longer contexts first', () => {
    const model = modelOf(tokenIds([1, 2, 3, 9, 2, 4, 1, 2, 3, 9, 2, 4, 1, 2]))
    expect(model.guess(tokenIds([4, 1, 2]), 2).map(({ token }) => token)).toEqual([3, 4])
  })

  test('knows nothing of contexts it has not seen', () => {
    expect(modelOf(tokenIds([1, 2, 3])).guess(tokenIds([7]), 2)).toEqual([])
    expect(new NgramModel().guess([], 2)).toEqual([])
  })

  test('gives probabilities that fall and sum to less than 1', () => {
    fc.assert(
      fc.property(tokens, tokens, (text, context) => {
        const guesses = modelOf(text).guess(context.slice(-3), 10)
        const probabilities = guesses.map(({ probability }) => probability)
        expect(probabilities).toEqual(probabilities.toSorted((a, b) => b - a))
        expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeLessThan(1)
        for (const probability of probabilities) expect(probability).toBeGreaterThan(0)
      }),
    )
  })
})
