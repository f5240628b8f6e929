import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AnswerRow } from '../../../src/steer/channels/answer-row.ts'
import type { Sampling } from '../../../src/steer/sampling/sampling.ts'
import { TokenSelector } from '../../../src/steer/sampling/token-selector.ts'
import type { TokenId } from '../../../src/steer/token-id.ts'
import { rowOf, topK } from '../table-models.ts'

const SIZE = 12
/** Even over the range, which doubles drawn by themselves are not. */
const nats = fc.integer({ min: -6000, max: 6000 }).map((thousandths) => thousandths / 1000)
const table = fc.array(nats, { minLength: SIZE, maxLength: SIZE })

interface Case {
  readonly logits: readonly number[]
  readonly deltas: readonly number[]
  readonly structural: readonly number[]
  readonly temperature: number
  readonly seed: number
  readonly strength: number
}

const cases: fc.Arbitrary<Case> = fc.record({
  logits: table,
  deltas: table,
  structural: fc.uniqueArray(fc.nat({ max: SIZE - 1 }), { minLength: 1, maxLength: SIZE - 1 }),
  temperature: fc.constantFrom(0, 0.5, 1),
  seed: fc.nat(),
  strength: fc.constantFrom(0.2, 1, 4),
})

/** What a position becomes: the upstream's own choice where that is structural, else the steered one. */
function settled({ logits, deltas, structural, temperature, seed, strength }: Case, candidates: number) {
  const sampling: Sampling = { temperature, topP: 1, topK: 0, seed }
  const selector = new TokenSelector({ strength, sampling, alternatives: 0 })
  const distribution = topK(logits, candidates)
  const isStructural = (token: TokenId) => structural.includes(token)
  const own = selector.select(distribution, null, 0)
  if (isStructural(own.token)) return { ...own, isStructural: true }
  const row = new AnswerRow(rowOf(deltas), isStructural)
  return { ...selector.select(distribution, row, 0), isStructural: false, own: own.token }
}

describe('a row of the answer', () => {
  test('lets steering neither begin a channel nor prevent one', () => {
    fc.assert(
      fc.property(cases, (one) => {
        const { token, isStructural } = settled(one, SIZE)
        expect(one.structural.includes(token)).toBe(isStructural)
        expect(settled({ ...one, deltas: one.deltas.map((delta) => -delta) }, SIZE).isStructural).toBe(
          isStructural,
        )
      }),
    )
  })

  test('leaves the choice among the other tokens to steering', () => {
    const logits = [2, 1.5, 1, ...Array<number>(SIZE - 3).fill(-9)]
    const deltas = [0, 5, 1, ...Array<number>(SIZE - 3).fill(0)]
    const one = { logits, deltas, structural: [1], temperature: 0, seed: 0, strength: 2 }
    expect(settled(one, SIZE)).toMatchObject({ token: 2, own: 0 })
  })

  test('certifies only what the whole vocabulary would choose', () => {
    let certified = 0
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: SIZE }), (one, candidates) => {
        const greedy = { ...one, temperature: 0 }
        const some = settled(greedy, candidates)
        if (!some.certified || some.isStructural) return
        certified++
        expect(some.token).toBe(settled(greedy, SIZE).token)
      }),
      { numRuns: 500 },
    )
    expect(certified).toBeGreaterThan(50)
  })
})
