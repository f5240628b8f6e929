import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AlignedDeltas } from '../../../src/steer/alignment/aligned-deltas.ts'
import { UNALIGNED } from '../../../src/steer/alignment/vocabulary-alignment.ts'
import { greedy } from '../../../src/steer/sampling/sampling.ts'
import { TokenSelector } from '../../../src/steer/sampling/token-selector.ts'
import { rowOf, topK } from '../table-models.ts'

const nats = fc.double({ min: -5, max: 5, noNaN: true })

/** A row of a local model, how an upstream's tokens stand to it, and some of the upstream's tokens. */
const cases = fc
  .record({
    locals: fc.array(nats, { minLength: 1, maxLength: 12 }),
    neutralDelta: nats,
    upstreamSize: fc.integer({ min: 1, max: 16 }),
  })
  .chain(({ locals, neutralDelta, upstreamSize }) =>
    fc.record({
      locals: fc.constant(locals),
      neutralDelta: fc.constant(neutralDelta),
      targets: fc.array(fc.integer({ min: UNALIGNED, max: locals.length - 1 }), {
        minLength: upstreamSize,
        maxLength: upstreamSize,
      }),
      named: fc.uniqueArray(fc.nat({ max: upstreamSize - 1 })),
      base: fc.array(nats, { minLength: upstreamSize, maxLength: upstreamSize }),
    }),
  )

function alignedTo(locals: readonly number[], targets: readonly number[]) {
  return new AlignedDeltas({
    targets: Int32Array.from(targets),
    counterparts: new Int32Array(locals.length).fill(UNALIGNED),
  })
}

describe('the deltas of aligned tokens', () => {
  test('are those of their targets, or neutral, and bound each other exactly', () => {
    fc.assert(
      fc.property(cases, ({ locals, neutralDelta, targets, named }) => {
        const row = { ...rowOf(locals), neutralDelta }
        const deltas = alignedTo(locals, targets)
        const expected = targets.map((target) => locals[target] ?? neutralDelta)
        const read = new Float64Array(targets.length)
        deltas.into(row, Int32Array.from(targets.keys()), read)
        expect([...read]).toEqual(expected)
        const outside = expected.filter((_, id) => !named.includes(id))
        // Twice, since a question must not change the answer to the next one.
        for (let i = 0; i < 2; i++) {
          expect(deltas.maxOutside(row, Int32Array.from(named))).toBe(
            Math.max(Number.NEGATIVE_INFINITY, ...outside),
          )
        }
      }),
    )
  })

  test('certify a step only when the whole vocabulary agrees', () => {
    let certified = 0
    fc.assert(
      fc.property(
        cases,
        fc.integer({ min: 1, max: 16 }),
        ({ locals, neutralDelta, targets, base }, count) => {
          const inner = { ...rowOf(locals), neutralDelta }
          const deltas = alignedTo(locals, targets)
          const row = {
            ...inner,
            deltasInto: (ids: Int32Array, into: Float64Array) => deltas.into(inner, ids, into),
            maxDeltaOutside: (ids: Int32Array) => deltas.maxOutside(inner, ids),
          }
          const selector = new TokenSelector({ strength: 1.3, sampling: greedy, alternatives: 0 })
          const selection = selector.select(topK(base, count), row, 0)
          if (!selection.certified) return
          certified++
          expect(selection.token).toBe(selector.select(topK(base, base.length), row, 0).token)
        },
      ),
    )
    expect(certified).toBeGreaterThan(20)
  })

  test('cover the share of probability that has targets', () => {
    const deltas = alignedTo([0, 1], [1, UNALIGNED, 0])
    const logprobs = Float64Array.from([0.5, 0.3, 0.1], Math.log)
    const coverage = deltas.coverage({ ids: Int32Array.of(0, 1, 2), logprobs, complete: false })
    expect(coverage).toBeCloseTo(0.6 / 0.9, 12)
  })
})
