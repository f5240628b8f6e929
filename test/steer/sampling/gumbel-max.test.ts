import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gumbelMax } from '../../../src/steer/sampling/gumbel-max.ts'
import { gumbelNoise } from '../../../src/steer/sampling/gumbel-noise.ts'

const candidates = fc.uniqueArray(fc.nat(1000), { minLength: 1, maxLength: 20 }).chain((ids) =>
  fc
    .array(fc.double({ min: -9, max: 0, noNaN: true }), { minLength: ids.length, maxLength: ids.length })
    .map((scores) => ({
      ids: Int32Array.from(ids),
      scores: Float64Array.from(scores).sort().reverse(),
    })),
)

describe('the Gumbel-max draw', () => {
  test('takes the largest of score and noise among those that take part', () => {
    fc.assert(
      fc.property(
        candidates,
        fc.record({
          temperature: fc.constantFrom(0.3, 1, 2),
          seed: fc.integer(),
          position: fc.nat(500),
          kept: fc.integer({ min: 1, max: 20 }),
        }),
        (ranked, { kept: most, temperature, ...key }) => {
          const kept = Math.min(most, ranked.ids.length)
          const noisy = Array.from(ranked.ids.slice(0, kept), (id, rank) => {
            return (ranked.scores[rank] ?? 0) / temperature + gumbelNoise(key.seed, key.position, id)
          })
          expect(gumbelMax(ranked, { kept, temperature, ...key })).toBe(noisy.indexOf(Math.max(...noisy)))
        },
      ),
    )
  })

  test('draws each candidate as often as its softmax says', () => {
    const shares = [0.5, 0.3, 0.15, 0.05]
    const ranked = { ids: Int32Array.of(4, 9, 2, 7), scores: Float64Array.from(shares, Math.log) }
    const counts = [0, 0, 0, 0]
    for (let position = 0; position < 40_000; position++) {
      const rank = gumbelMax(ranked, { kept: 4, temperature: 1, seed: 5, position })
      counts[rank] = (counts[rank] ?? 0) + 1 / 40_000
    }
    counts.forEach((count, rank) => {
      expect(count).toBeCloseTo(shares[rank] ?? Number.NaN, 1.8)
    })
  })
})
