import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ftrlStrength, paperParameters } from '../../../src/steer/strength/ftrl-strength.ts'
import { ftrlLoop, logSoftmax } from '../ftrl-loop.ts'

const { cases } = z
  .object({
    cases: z.array(
      z.object({
        name: z.string(),
        iterations: z.number(),
        alpha: z.number(),
        beta: z.number(),
        lambda: z.number(),
        eta: z.number(),
        upstream_logits: z.array(z.number()),
        slm_with_context_logits: z.array(z.number()),
        slm_without_context_logits: z.array(z.number()),
        steered_logprobs: z.array(z.number()),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('../../fixtures/ftrl.json', import.meta.url), 'utf8')))

/** What the product computes: softmax(base + c * delta), from raw logits. */
function closedForm(
  { upstream, withProfile, without }: Record<'upstream' | 'withProfile' | 'without', readonly number[]>,
  strength: number,
): number[] {
  return logSoftmax(
    upstream.map((value, v) => value + strength * ((withProfile[v] ?? 0) - (without[v] ?? 0))),
  )
}

function largestDifference(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((value, v) => Math.abs(value - (b[v] ?? Number.NaN))))
}

function logits(length: number) {
  return fc.array(fc.double({ min: -12, max: 12, noNaN: true }), { minLength: length, maxLength: length })
}
const parameters = fc.record({
  iterations: fc.integer({ min: 0, max: 40 }),
  alpha: fc.double({ min: 0, max: 3, noNaN: true }),
  beta: fc.double({ min: 0, max: 3, noNaN: true }),
  lambda: fc.double({ min: 0.5, max: 5, noNaN: true }),
  eta: fc.double({ min: 0.5, max: 50, noNaN: true }),
})
const models = fc
  .integer({ min: 2, max: 40 })
  .chain((size) => fc.record({ upstream: logits(size), withProfile: logits(size), without: logits(size) }))

describe('the closed form of the FTRL update', () => {
  test.each(cases)('equals the recorded loop result of $name', (recorded) => {
    const steered = closedForm(
      {
        upstream: recorded.upstream_logits,
        withProfile: recorded.slm_with_context_logits,
        without: recorded.slm_without_context_logits,
      },
      ftrlStrength(recorded),
    )
    expect(recorded.steered_logprobs).toHaveLength(steered.length)
    expect(largestDifference(steered, recorded.steered_logprobs)).toBeLessThan(1e-6)
  })

  test('equals the explicit loop for any parameters and logits', () => {
    fc.assert(
      fc.property(models, parameters, (model, chosen) => {
        const strength = ftrlStrength(chosen)
        const tolerance = 1e-9 * (1 + strength * 24)
        expect(largestDifference(closedForm(model, strength), ftrlLoop(model, chosen))).toBeLessThan(
          tolerance,
        )
      }),
    )
  })

  test("gives 1.7833 at the paper's parameters", () => {
    expect(ftrlStrength(paperParameters)).toBeCloseTo(1.7833, 4)
  })

  test('is 0 without iterations', () => {
    expect(ftrlStrength({ ...paperParameters, iterations: 0 })).toBe(0)
  })

  test('grows with beta', () => {
    fc.assert(
      fc.property(parameters, fc.double({ min: 0.01, max: 2, noNaN: true }), (chosen, more) => {
        fc.pre(chosen.iterations > 0)
        expect(ftrlStrength({ ...chosen, beta: chosen.beta + more })).toBeGreaterThan(ftrlStrength(chosen))
      }),
    )
  })
})
