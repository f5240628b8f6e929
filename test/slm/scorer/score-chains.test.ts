import fc from 'fast-check'
import { expect, test } from 'vitest'
import { scoreChains } from '../../../src/slm/scorer/score-chains.ts'

test('sequences that continue each other make one chain, in any order', () => {
  const chains = scoreChains(
    [[1, 2], [1], [1, 2, 3], [1, 9], [1, 2]].map((tokens) => Int32Array.from(tokens)),
  )
  expect(chains.map(({ tokens, ends }) => [[...tokens], ends.map(({ length }) => length)])).toEqual([
    [
      [1, 2, 3],
      [1, 2, 2, 3],
    ],
    [[1, 9], [2]],
  ])
})

test('every query ends where its tokens do, exactly once', () => {
  const sequence = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(fc.array(sequence, { maxLength: 12 }), (sequences) => {
      const queries = sequences.map((tokens) => Int32Array.from(tokens))
      const found = scoreChains(queries).flatMap(({ tokens, ends }) =>
        ends.map(({ length, query }) => ({ query, tokens: [...tokens.subarray(0, length)] })),
      )
      found.sort((a, b) => a.query - b.query)
      expect(found).toEqual(sequences.map((tokens, query) => ({ query, tokens })))
    }),
  )
})
