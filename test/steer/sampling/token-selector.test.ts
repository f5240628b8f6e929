import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gumbelNoise } from '../../../src/steer/sampling/gumbel-noise.ts'
import { greedy, type Sampling } from '../../../src/steer/sampling/sampling.ts'
import { TokenSelector } from '../../../src/steer/sampling/token-selector.ts'
import { logSoftmax } from '../ftrl-loop.ts'
import { rowOf, topK } from '../table-models.ts'

const SIZE = 24
const logits = fc.array(fc.double({ min: -8, max: 8, noNaN: true }), { minLength: SIZE, maxLength: SIZE })
const strength = fc.double({ min: 0, max: 3, noNaN: true })
const sampling: fc.Arbitrary<Sampling> = fc.record({
  temperature: fc.constantFrom(0, 0.3, 1, 1.7),
  topP: fc.constantFrom(1, 0.9, 0.4),
  topK: fc.constantFrom(0, 1, 5),
  seed: fc.integer(),
})
function steered(upstream: readonly number[], deltas: readonly number[], c: number): number[] {
  return logSoftmax(upstream.map((value, v) => value + c * (deltas[v] ?? 0)))
}

/** Whether two of the numbers differ by no more than what rounding may add or take away. */
function decidedByRounding(numbers: readonly number[]): boolean {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted.some((number, at) => {
    const gap = number - (sorted[at - 1] ?? Number.NEGATIVE_INFINITY)
    return gap > 0 && gap < 1e-9
  })
}

describe('token selection', () => {
  test('greedy over the whole vocabulary takes the best steered token and reports its log-probability', () => {
    fc.assert(
      fc.property(logits, logits, strength, (upstream, deltas, c) => {
        const selector = new TokenSelector({ strength: c, sampling: greedy, alternatives: SIZE })
        const selection = selector.select(topK(upstream, SIZE), rowOf(deltas), 0)
        const expected = steered(upstream, deltas, c)
        expect(expected[selection.token]).toBeCloseTo(Math.max(...expected), 9)
        expect(selection.logprob).toBeCloseTo(expected[selection.token] ?? Number.NaN, 9)
        const mass = selection.alternatives.reduce((sum, { logprob }) => sum + Math.exp(logprob), 0)
        expect(mass).toBeCloseTo(1, 9)
      }),
    )
  })

  test('a zero delta, a zero strength or no row keeps the upstream distribution', () => {
    fc.assert(
      fc.property(logits, logits, strength, (upstream, deltas, c) => {
        const reported = (chosenStrength: number, row: ReturnType<typeof rowOf> | null) =>
          new TokenSelector({ strength: chosenStrength, sampling: greedy, alternatives: SIZE })
            .select(topK(upstream, SIZE), row, 0)
            .alternatives.map(({ logprob }) => logprob)
        const base = Array.from(topK(upstream, SIZE).logprobs)
        for (const logprobs of [
          reported(c, rowOf(deltas.map(() => 0))),
          reported(0, rowOf(deltas)),
          reported(c, null),
        ]) {
          logprobs.forEach((logprob, rank) => {
            expect(logprob).toBeCloseTo(base[rank] ?? Number.NaN, 9)
          })
        }
      }),
    )
  })

  test('shifting the logits of any model by a constant changes nothing', () => {
    fc.assert(
      fc.property(
        logits,
        logits,
        strength,
        sampling,
        fc.integer({ min: -50, max: 50 }),
        (upstream, deltas, c, how, shift) => {
          fc.pre(!decidedByRounding(steered(upstream, deltas, c)))
          const selector = new TokenSelector({ strength: c, sampling: how, alternatives: 0 })
          const plain = selector.select(topK(upstream, SIZE), rowOf(deltas), 3)
          const shifted = selector.select(
            topK(
              upstream.map((value) => value + shift),
              SIZE,
            ),
            rowOf(deltas.map((value) => value + shift)),
            3,
          )
          expect(shifted.logprob).toBeCloseTo(plain.logprob, 6)
        },
      ),
    )
  })

  test('a certified greedy step is never overturned by a larger K', () => {
    fc.assert(
      fc.property(
        logits,
        logits,
        strength,
        fc.integer({ min: 1, max: SIZE }),
        (upstream, deltas, c, candidates) => {
          const selector = new TokenSelector({ strength: c, sampling: greedy, alternatives: 0 })
          const narrow = selector.select(topK(upstream, candidates), rowOf(deltas), 0)
          const wide = selector.select(topK(upstream, SIZE), rowOf(deltas), 0)
          if (narrow.certified) expect(narrow.token).toBe(wide.token)
        },
      ),
      { numRuns: 1000 },
    )
  })

  test('the same seed and position give the same token whatever was selected before', () => {
    fc.assert(
      fc.property(
        logits,
        logits,
        sampling,
        fc.integer({ min: 0, max: 500 }),
        (upstream, deltas, how, position) => {
          const options = { strength: 0.7, sampling: how, alternatives: 2 }
          const used = new TokenSelector(options)
          used.select(topK(deltas, SIZE), rowOf(upstream), position + 1)
          const again = used.select(topK(upstream, SIZE), rowOf(deltas), position)
          expect(again).toEqual(
            new TokenSelector(options).select(topK(upstream, SIZE), rowOf(deltas), position),
          )
        },
      ),
    )
  })

  test('top-k and top-p bound what can be sampled', () => {
    const upstream = [5, 4, 3, 2, 1]
    const pick = (how: Partial<Sampling>) => {
      const selector = new TokenSelector({
        strength: 1,
        sampling: { temperature: 1, topP: 1, topK: 0, seed: 1, ...how },
        alternatives: 0,
      })
      const seen = new Set<number>()
      for (let position = 0; position < 3000; position++) {
        seen.add(selector.select(topK(upstream, 5), rowOf([0, 0, 0, 0, 0]), position).token)
      }
      return [...seen].sort()
    }
    expect(pick({})).toEqual([0, 1, 2, 3, 4])
    expect(pick({ topK: 2 })).toEqual([0, 1])
    expect(pick({ topP: 0.8 })).toEqual([0, 1])
    expect(pick({ topP: 0.01 })).toEqual([0])
  })

  test('a sampled token is the noisiest of the steered ones that min-p and top-k leave (property)', () => {
    const cut = fc.record({
      temperature: fc.constantFrom(0.3, 1, 1.7),
      topP: fc.constant(1),
      topK: fc.constantFrom(0, 1, 5),
      minP: fc.constantFrom(0, 0.02, 0.3),
      seed: fc.integer(),
    })
    fc.assert(
      fc.property(logits, logits, strength, cut, fc.nat(500), (upstream, deltas, c, how, position) => {
        const selector = new TokenSelector({ strength: c, sampling: how, alternatives: 0 })
        const { token } = selector.select(topK(upstream, SIZE), rowOf(deltas), position)
        const scores = steered(upstream, deltas, c)
        const best = Math.max(...scores)
        const least = best + how.temperature * Math.log(how.minP)
        fc.pre(!decidedByRounding([...scores, least]))
        const left = scores
          .map((score, id) => ({ id, score }))
          .sort((a, b) => b.score - a.score || a.id - b.id)
          .slice(0, how.topK === 0 ? SIZE : how.topK)
          .filter(({ score }) => Math.exp((score - best) / how.temperature) >= how.minP)
          .map(({ id, score }) => ({
            id,
            noisy: score / how.temperature + gumbelNoise(how.seed, position, id),
          }))
        const [first] = left.toSorted((a, b) => b.noisy - a.noisy)
        expect(token).toBe(first?.id)
      }),
      { numRuns: 1000 },
    )
  })

  test('samples follow the steered distribution', () => {
    const upstream = [1, 0.5, 0, -1]
    const deltas = [-1, 0, 1, 1]
    const expected = steered(upstream, deltas, 0.8).map(Math.exp)
    const selector = new TokenSelector({
      strength: 0.8,
      sampling: { temperature: 1, topP: 1, topK: 0, seed: 11 },
      alternatives: 0,
    })
    const counts = [0, 0, 0, 0]
    const draws = 40_000
    for (let position = 0; position < draws; position++) {
      const { token } = selector.select(topK(upstream, 4), rowOf(deltas), position)
      counts[token] = (counts[token] ?? 0) + 1
    }
    counts.forEach((count, token) => {
      expect(count / draws).toBeCloseTo(expected[token] ?? Number.NaN, 1.8)
    })
  })
})
