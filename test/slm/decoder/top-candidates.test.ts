import fc from 'fast-check'
import { expect, test } from 'vitest'
import { topCandidates } from '../../../src/slm/decoder/top-candidates.ts'

const logits = fc.float32Array({ minLength: 1, maxLength: 200, noNaN: true, min: -50, max: 50 })

test('they are the best by falling logit, then rising id', () => {
  fc.assert(
    fc.property(logits, fc.nat(), (values, seed) => {
      const count = 1 + (seed % values.length)
      const sorted = [...values.keys()].sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b)
      expect([...topCandidates(values, count).ids]).toEqual(sorted.slice(0, count))
    }),
  )
})

test('over the whole vocabulary the probabilities sum to 1', () => {
  fc.assert(
    fc.property(logits, (values) => {
      const { logprobs } = topCandidates(values, values.length)
      expect(logprobs.reduce((sum, logprob) => sum + Math.exp(logprob), 0)).toBeCloseTo(1, 10)
    }),
  )
})
