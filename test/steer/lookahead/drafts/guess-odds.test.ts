import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Calibration } from '../../../../src/steer/lookahead/drafts/calibration.ts'
import { DraftNode } from '../../../../src/steer/lookahead/drafts/draft-node.ts'
import { drawOdds } from '../../../../src/steer/lookahead/drafts/draw-odds.ts'
import { GuessOdds } from '../../../../src/steer/lookahead/drafts/guess-odds.ts'
import { greedy } from '../../../../src/steer/sampling/sampling.ts'
import { TokenSelector } from '../../../../src/steer/sampling/token-selector.ts'
import { tokenId, tokenIds } from '../../../../src/steer/token-id.ts'

function guess(token: number, probability: number) {
  return { token: tokenId(token), probability }
}

/** A node that has its row, or its answer, or both. */
function node({ row, answer }: { row?: ReturnType<typeof guess>[]; answer?: ReturnType<typeof guess>[] }) {
  const made = new DraftNode(null, null, 0)
  if (row) Object.assign(made, { row: 'ready', guesses: row })
  if (answer) {
    made.distribution = {
      ids: Int32Array.from(answer, ({ token }) => token),
      logprobs: Float64Array.from(answer, ({ probability }) => Math.log(probability)),
      complete: false,
    }
    made.greedyToken = answer[0]?.token ?? null
  }
  return made
}

describe('calibration', () => {
  test('believes the claim at first and the facts in the end', () => {
    const calibration = new Calibration()
    expect(calibration.probability(0.73)).toBeCloseTo(0.73)
    for (let i = 0; i < 400; i++) calibration.observe(0.73, i % 4 === 0)
    expect(calibration.probability(0.73)).toBeCloseTo(0.25, 1)
  })

  test('learns at each height of claims how much they are worth', () => {
    const calibration = new Calibration()
    for (let i = 0; i < 600; i++) {
      calibration.observe(0.9, i % 10 !== 0)
      calibration.observe(0.4, i % 10 === 0)
    }
    expect(calibration.probability(0.9)).toBeCloseTo(0.9, 1)
    expect(calibration.probability(0.4)).toBeCloseTo(0.1, 1)
  })

  test('keeps the order of the claims, whatever happens', () => {
    const probability = fc.double({ min: 0.001, max: 0.999, noNaN: true })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(probability, fc.boolean()), { maxLength: 300 }),
        probability,
        probability,
        (seen, one, other) => {
          const calibration = new Calibration()
          for (const [claimed, cameTrue] of seen) calibration.observe(claimed, cameTrue)
          const [lower, upper] = [one, other].toSorted((a, b) => a - b) as [number, number]
          expect(calibration.probability(lower)).toBeLessThanOrEqual(calibration.probability(upper))
        },
      ),
    )
  })

  test('stays a probability', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean())), (seen) => {
        const calibration = new Calibration()
        for (const [claimed, cameTrue] of seen) calibration.observe(claimed, cameTrue)
        for (const [claimed] of seen) {
          expect(calibration.probability(claimed)).toBeGreaterThanOrEqual(0)
          expect(calibration.probability(claimed)).toBeLessThanOrEqual(1)
        }
      }),
    )
  })
})

describe('the odds of guesses', () => {
  test('sum to less than 1 and follow the local model where nothing else is known', () => {
    const odds = new GuessOdds(tokenIds([1, 2]), greedy)
    const following = odds.following(node({ row: [guess(5, 0.9), guess(6, 0.3)] }))
    expect(following[0]).toMatchObject({ token: 5 })
    expect(following.reduce((sum, { probability }) => sum + probability, 0)).toBeLessThan(1)
  })

  test('trust the source that was right when the two differ', () => {
    for (const right of ['local', 'upstream'] as const) {
      const odds = new GuessOdds([], greedy)
      const disputed = () => node({ row: [guess(5, 0.6)], answer: [guess(6, 0.6)] })
      for (let i = 0; i < 20; i++) odds.learn(disputed(), tokenId(right === 'local' ? 5 : 6))
      const following = odds.following(disputed()).toSorted((a, b) => b.probability - a.probability)
      expect(following[0]?.token).toBe(right === 'local' ? 5 : 6)
      expect(following[0]?.probability).toBeGreaterThan(0.5)
      expect(odds.greedyRate > 0.5).toBe(right === 'upstream')
      expect(odds.guessRate > 0.5).toBe(right === 'local')
    }
  })

  test('guess an n-gram of the prompt before anything is computed', () => {
    const odds = new GuessOdds(tokenIds([7, 8, 9, 1, 7, 8]), greedy)
    expect(odds.following(node({}))[0]).toMatchObject({ token: 9 })
  })

  test('of a sampled answer favour the token that its noise will draw', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.nat({ max: 50 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 6 }),
        (seed, position, weights) => {
          const total = weights.reduce((sum, weight) => sum + weight, 0)
          const guesses = weights.map((weight, token) => guess(token, weight / total))
          const sampling = { temperature: 0.8, topP: 1, topK: 0, seed }
          const distribution = {
            ids: Int32Array.from(weights.keys()),
            logprobs: Float64Array.from(guesses, ({ probability }) => Math.log(probability)),
            complete: true,
          }
          const drawn = new TokenSelector({ strength: 0, sampling, alternatives: 0 }).select(
            distribution,
            null,
            position,
          )
          expect(drawOdds(guesses, sampling, position)[0]?.token).toBe(drawn.token)
        },
      ),
    )
  })
})
