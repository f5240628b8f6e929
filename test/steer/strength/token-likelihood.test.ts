import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tokenLikelihood } from '../../../src/steer/strength/token-likelihood.ts'
import { tokenId } from '../../../src/steer/token-id.ts'
import { logSoftmax } from '../ftrl-loop.ts'
import { rowOf, topK } from '../table-models.ts'

const SIZE = 12
const logits = fc.array(fc.double({ min: -8, max: 8, noNaN: true }), { minLength: SIZE, maxLength: SIZE })
const token = fc.integer({ min: 0, max: SIZE - 1 })
const strengths = [0, 0.5, 2]

test('is that of the steered distribution, at every strength', () => {
  fc.assert(
    fc.property(logits, logits, token, (upstream, deltas, id) => {
      const nats = tokenLikelihood(topK(upstream, SIZE), {
        row: rowOf(deltas),
        token: tokenId(id),
        strengths,
      })
      const base = logSoftmax(upstream)
      strengths.forEach((c, at) => {
        const steered = logSoftmax(base.map((value, v) => value + c * (deltas[v] ?? 0)))
        expect(nats?.[at]).toBeCloseTo(-(steered[id] ?? Number.NaN), 9)
      })
    }),
  )
})

test('is none for a token that is no candidate, and sums to one over those that are', () => {
  fc.assert(
    fc.property(logits, logits, (upstream, deltas) => {
      const top = topK(upstream, 5)
      const likelihoods = upstream.map((_, id) =>
        tokenLikelihood(top, { row: rowOf(deltas), token: tokenId(id), strengths: [1] }),
      )
      expect(likelihoods.filter((nats) => nats !== null)).toHaveLength(5)
      const mass = likelihoods.reduce((sum, nats) => sum + (nats === null ? 0 : Math.exp(-(nats[0] ?? 0))), 0)
      expect(mass).toBeCloseTo(1, 9)
    }),
  )
})
