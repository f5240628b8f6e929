import { describe, expect, test } from 'vitest'
import { pickToken, seededRandom } from '../../../src/slm/scorer/pick-token.ts'

const scored = {
  ids: Int32Array.of(7, 3, 5, 1),
  logprobs: Float64Array.from([0.4, 0.3, 0.2, 0.1], Math.log),
}
const sampling = { temperature: 1, topP: 1, topK: 0, seed: 1 }

function shares(settings: typeof sampling, draws = 20_000): Record<number, number> {
  const random = seededRandom(settings.seed)
  const counts: Record<number, number> = {}
  for (let draw = 0; draw < draws; draw++) {
    const token = pickToken(scored, settings, random)
    counts[token] = (counts[token] ?? 0) + 1 / draws
  }
  return counts
}

describe('a sampled token', () => {
  test('comes as often as its probability says', () => {
    const counts = shares(sampling)
    for (const [rank, id] of scored.ids.entries())
      expect(counts[id]).toBeCloseTo(Math.exp(scored.logprobs[rank] ?? 0), 1)
  })

  test('is one of the nucleus, one of the top k, and the best at temperature 0', () => {
    expect(Object.keys(shares({ ...sampling, topP: 0.5 }))).toEqual(['3', '7'])
    expect(Object.keys(shares({ ...sampling, topK: 3 }))).toEqual(['3', '5', '7'])
    expect(Object.keys(shares({ ...sampling, temperature: 0 }))).toEqual(['7'])
  })
})
