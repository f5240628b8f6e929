import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ListTables } from '../../src/local-server/list-tables.ts'
import { ListedRow } from '../../src/local-server/listed-row.ts'
import { topOf } from '../upstream/served-model/byte-model.ts'

const SIZE = 12
const tables = new ListTables(SIZE)
const logits = fc.array(fc.double({ min: -8, max: 8, noNaN: true }), { minLength: SIZE, maxLength: SIZE })
const strengths = fc.double({ min: 0.1, max: 3, noNaN: true })
const everyId = Int32Array.from({ length: SIZE }, (_, id) => id)

interface Models {
  readonly withProfile: readonly number[]
  readonly without: readonly number[]
  readonly strength: number
}

/** Row of the `n` likeliest tokens of both, and the whole truth. */
function rowOf({ withProfile, without, strength }: Models, n: number) {
  const all = (values: readonly number[]) => {
    const { ids, logprobs } = topOf(Float64Array.from(values), SIZE)
    return Float64Array.from(everyId, (id) => logprobs[ids.indexOf(id)] as number)
  }
  const lists = {
    with: topOf(Float64Array.from(withProfile), n),
    without: topOf(Float64Array.from(without), n),
  }
  const row = new ListedRow(lists, { depth: 0, strength, tables })
  const truth = { with: all(withProfile), without: all(without) }
  const deltas = new Float64Array(SIZE)
  row.deltasInto(everyId, deltas)
  return { row, deltas, lists, truth, true: truth.with.map((value, id) => value - (truth.without[id] ?? 0)) }
}

const models: fc.Arbitrary<Models> = fc.record({ withProfile: logits, without: logits, strength: strengths })

describe('a row of whole lists', () => {
  test('is the row of both models', () => {
    fc.assert(
      fc.property(models, (given) => {
        const { row, deltas, truth, true: expected } = rowOf(given, SIZE)
        const { strength } = given
        const mean = truth.without.reduce(
          (sum, logprob, id) => sum + Math.exp(logprob + strength * (expected[id] ?? 0)),
          0,
        )
        for (const [id, delta] of deltas.entries()) expect(delta).toBeCloseTo(expected[id] ?? 0, 8)
        expect(row.neutralDelta).toBeCloseTo(Math.log(mean) / strength, 8)
        const scores = truth.without.map((logprob, id) => logprob + strength * (expected[id] ?? 0))
        const [guess] = row.privateGuesses
        expect(scores[guess?.token ?? 0]).toBeCloseTo(Math.max(...scores), 8)
        expect(guess?.probability).toBeCloseTo(Math.exp(Math.max(...scores)) / mean, 8)
        expect([...everyId].every((id) => row.knows(id))).toBe(true)
      }),
    )
  })
})

describe('a row of lists that were cut', () => {
  const cut = fc.integer({ min: 1, max: SIZE - 1 })

  test('has the true delta of a token in both lists', () => {
    fc.assert(
      fc.property(models, cut, (given, n) => {
        const { deltas, lists, true: expected } = rowOf(given, n)
        for (const id of lists.with.ids) {
          if (lists.without.ids.includes(id)) expect(deltas[id]).toBeCloseTo(expected[id] ?? 0, 8)
        }
      }),
    )
  })

  test('takes a token in one list as far as the other list proves, and no further than neutral', () => {
    fc.assert(
      fc.property(models, cut, (given, n) => {
        const { row, deltas, lists, true: expected } = rowOf(given, n)
        const neutral = row.neutralDelta
        for (const id of everyId) {
          const listed = [lists.with.ids.includes(id), lists.without.ids.includes(id)]
          const delta = deltas[id] as number
          const truth = expected[id] as number
          if (listed[0] && !listed[1]) {
            expect(delta).toBeGreaterThanOrEqual(neutral)
            expect(delta).toBeLessThanOrEqual(Math.max(neutral, truth + 1e-4))
          }
          if (listed[1] && !listed[0]) {
            expect(delta).toBeLessThanOrEqual(neutral)
            expect(delta).toBeGreaterThanOrEqual(Math.min(neutral, truth - 1e-4))
          }
        }
      }),
    )
  })

  test('leaves a token in neither list neutral, and does not know it', () => {
    fc.assert(
      fc.property(models, cut, (given, n) => {
        const { row, deltas, lists } = rowOf(given, n)
        for (const id of everyId) {
          const isListed = lists.with.ids.includes(id) || lists.without.ids.includes(id)
          expect(row.knows(id)).toBe(isListed)
          if (!isListed) expect(deltas[id]).toBe(row.neutralDelta)
        }
      }),
    )
  })

  test('bounds what is outside some candidates by the deltas that it gives', () => {
    fc.assert(
      fc.property(models, cut, fc.uniqueArray(fc.nat(SIZE - 1)), (given, n, candidates) => {
        const { row, deltas } = rowOf(given, n)
        const outside = [...everyId].filter((id) => !candidates.includes(id))
        const most = Math.max(...outside.map((id) => deltas[id] as number))
        expect(row.maxDeltaOutside(Int32Array.from(candidates))).toBe(most)
        const again = new Float64Array(SIZE)
        row.deltasInto(everyId, again)
        expect(again).toEqual(deltas)
      }),
    )
  })

  test('is neutral at strength 1 where it changes nothing in the mean', () => {
    fc.assert(
      fc.property(models, (given) => {
        expect(rowOf({ ...given, strength: 1 }, SIZE).row.neutralDelta).toBeCloseTo(0, 6)
      }),
    )
  })
})

test('guesses are the best of the public list, and of the contrast', () => {
  const withProfile = [0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  const without = [4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  const { row } = rowOf({ withProfile, without, strength: 2 }, 4)
  expect(row.publicGuesses[0]?.token).toBe(0)
  expect(row.privateGuesses[0]?.token).toBe(1)
})

test('tokens that a model rules out altogether are as if they were not listed', () => {
  const ruledOut = { ids: Int32Array.of(0, 1), logprobs: Float64Array.of(0, -Infinity), complete: false }
  const other = { ids: Int32Array.of(0, 2), logprobs: Float64Array.of(-0.1, -3), complete: false }
  const row = new ListedRow({ with: ruledOut, without: other }, { depth: 0, strength: 1, tables })
  const deltas = new Float64Array(3)
  row.deltasInto(Int32Array.of(0, 1, 2), deltas)
  expect(row.knows(1)).toBe(false)
  expect(deltas.every(Number.isFinite)).toBe(true)
})
