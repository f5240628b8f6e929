import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Distribution } from '../../../src/steer/distribution.ts'
import { CandidateList } from '../../../src/upstream/served/candidate-list.ts'

type Entry = readonly [id: number, logprob: number]

const size = { where: 'The upstream', vocabularySize: 40, rows: 48 }

function distributionOf(entries: readonly Entry[], candidates: number): Distribution {
  const list = new CandidateList(size)
  for (const [id, logprob] of entries) list.add(id, logprob)
  return list.distribution(candidates)
}

const entries = fc
  .uniqueArray(fc.integer({ min: 0, max: 47 }), { minLength: 1, maxLength: 48 })
  .chain((ids) => fc.tuple(...ids.map((id) => fc.tuple(fc.constant(id), fc.integer({ min: -6, max: 0 })))))

describe('CandidateList', () => {
  test('the order in which candidates come does not matter', () => {
    fc.assert(
      fc.property(entries, fc.integer({ min: 0, max: 1000 }), (given, seed) => {
        const shuffled = given
          .map((entry, at) => ({ entry, key: (at * 7919 + seed * 104_729) % 1009 }))
          .sort((a, b) => a.key - b.key)
          .map(({ entry }) => entry)
        expect(distributionOf(shuffled, given.length)).toEqual(distributionOf(given, given.length))
      }),
    )
  })

  test('the best K of the vocabulary are kept, falling, ties by id, padding rows dropped', () => {
    fc.assert(
      fc.property(entries, fc.integer({ min: 1, max: 48 }), (given, k) => {
        fc.pre(k <= given.length)
        const expected = given
          .filter(([id]) => id < size.vocabularySize)
          .sort(([a, left], [b, right]) => right - left || a - b)
          .slice(0, k)
        const { ids, logprobs, complete } = distributionOf(given, k)
        expect([...ids]).toEqual(expected.map(([id]) => id))
        expect([...logprobs]).toEqual(expected.map(([, logprob]) => logprob))
        expect(complete).toBe(expected.length === size.vocabularySize)
      }),
    )
  })

  test('all tokens and the padding make a complete distribution', () => {
    const all = Array.from({ length: 48 }, (_, id): Entry => [id, -4])
    const { ids, complete } = distributionOf(all, 48)
    expect(ids).toHaveLength(40)
    expect(complete).toBe(true)
  })

  test('all rows of a model with less padding than here are complete as well', () => {
    const list = new CandidateList({ ...size, rows: 36 })
    for (let id = 0; id < 36; id++) list.add(id, -4)
    expect(list.distribution(40 - 4).complete).toBe(true)
    expect(list.distribution(35).complete).toBe(false)
  })

  test.each([
    [48, -1],
    [-1, -1],
    [1.5, -1],
    ['7', -1],
    [undefined, -1],
    [7, Number.NaN],
    [7, null],
    [7, '-1'],
    [7, 0.5],
    [7, Number.POSITIVE_INFINITY],
  ])('id %s with log-probability %s is refused', (id, logprob) => {
    const list = new CandidateList(size)
    expect(() => list.add(id, logprob)).toThrow(expect.objectContaining({ code: 'upstream_invalid_reply' }))
  })
})
