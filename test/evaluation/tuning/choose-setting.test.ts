import { describe, expect, test } from 'vitest'
import { chooseSetting, type TriedSetting } from '../../../src/evaluation/tuning/choose-setting.ts'

const strict = { mean: 0, low: 0, high: 0 }

function tried(texts: number, strength: number, nats: readonly number[], candidates = 100): TriedSetting {
  return { texts, candidates, strength, result: { nats, strict } }
}

const current = tried(2, 0.5, [3, 3.1, 2.9, 3, 3.2, 3])

describe('the chosen setting', () => {
  test('is the likeliest one, and clearly so where every text agrees', () => {
    const better = tried(3, 0.65, [2.9, 3.02, 2.81, 2.88, 3.1, 2.9])
    const { chosen, change, verdict } = chooseSetting(
      [current, better, tried(1, 0.5, [4, 4, 4, 4, 4, 4])],
      current,
    )
    expect(chosen).toBe(better)
    expect(change.mean).toBeCloseTo(-0.0983, 3)
    expect(verdict).toBe('clear')
  })

  test('is the cheaper one of two that are as good', () => {
    const costly = tried(4, 0.5, [2.999, 3.1, 2.899, 3, 3.2, 3], 1000)
    expect(chooseSetting([costly, current], current).chosen).toBe(current)
    const weaker = tried(2, 0.25, [3.001, 3.1, 2.9, 3, 3.2, 3])
    expect(chooseSetting([current, weaker], current).chosen).toBe(weaker)
  })

  test('is not clear where the texts disagree, and three of them are too few to tell', () => {
    const mixed = tried(3, 0.5, [2.5, 3.4, 2.9, 3.3, 2.8, 3.1])
    expect(chooseSetting([current, mixed], current).verdict).toBe('unclear')
    const few = [tried(2, 0.5, [3, 3, 3]), tried(3, 0.5, [2, 2, 2])]
    expect(chooseSetting(few, { texts: 2, candidates: 100, strength: 0.5 }).verdict).toBe('too-few-texts')
  })
})
