import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { unguarded } from '../../../src/guard/public.ts'
import { traceSteering } from '../../../src/steer/decoding/trace-steering.ts'
import type { Sampling } from '../../../src/steer/sampling/sampling.ts'
import { TokenSelector } from '../../../src/steer/sampling/token-selector.ts'
import { rowOf, topK } from '../table-models.ts'

const SIZE = 24
const logits = fc.array(fc.double({ min: -8, max: 8, noNaN: true }), { minLength: SIZE, maxLength: SIZE })
const strength = fc.double({ min: 0, max: 3, noNaN: true })
const cut = fc.record({ topP: fc.constantFrom(1, 0.9, 0.4), topK: fc.constantFrom(0, 5) })
const draw = fc.record({ temperature: fc.constantFrom(0, 0.3, 1, 1.7), seed: fc.integer() })

function traced(upstream: readonly number[], deltas: readonly number[], c: number, sampling: Sampling) {
  const step = {
    distribution: topK(upstream, SIZE),
    row: rowOf(deltas),
    prefix: unguarded([]),
    emitted: [],
    position: 0,
  }
  const selector = new TokenSelector({ strength: c, sampling, alternatives: 0 })
  const { token } = selector.select(step.distribution, step.row, 0)
  return { token, ...traceSteering(step, { selector, strength: c, token }) }
}

describe("a token's trace", () => {
  test('tells what the same draw takes without the profile', () => {
    fc.assert(
      fc.property(logits, logits, strength, cut, draw, (upstream, deltas, c, limits, how) => {
        const sampling = { ...limits, ...how }
        const plain = new TokenSelector({ strength: 0, sampling, alternatives: 0 })
        const { token, unsteered, shift } = traced(upstream, deltas, c, sampling)
        expect(unsteered).toBe(plain.select(topK(upstream, SIZE), null, 0).token)
        if (c === 0) expect(unsteered).toBe(token)
        if (unsteered === token) expect(shift).toBe(0)
      }),
    )
  })

  test('another token than without the profile is one that the profile speaks for', () => {
    fc.assert(
      fc.property(logits, logits, strength, draw, (upstream, deltas, c, how) => {
        const { token, unsteered, shift } = traced(upstream, deltas, c, { topP: 1, topK: 0, ...how })
        if (token !== unsteered) expect(shift).toBeGreaterThan(-1e-9)
      }),
    )
  })
})
