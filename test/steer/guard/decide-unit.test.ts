import { describe, expect, test } from 'vitest'
import { drawnUnit, type NextToken } from '../../../src/steer/guard/decide-unit.ts'
import type { Unit } from '../../../src/steer/guard/decode-guard.ts'
import { greedy } from '../../../src/steer/sampling/sampling.ts'
import { tokenIds } from '../../../src/steer/token-id.ts'

function unit(...tokens: number[]): Unit {
  return { path: tokenIds(tokens), tokens: tokenIds(tokens), needsBorder: false }
}

const first = unit(1, 2)
const whole = unit(1, 2, 3)
const other = unit(1, 4)

/** Tokens that come with these probabilities at temperature 1. */
function drawn(...probabilities: number[]): NextToken[] {
  return probabilities.map((probability) => ({ probability, chance: probability }))
}

/** Tokens of these probabilities, each of which is the likeliest, or is not. */
function likeliest(...tokens: [number, boolean][]): NextToken[] {
  return tokens.map(([probability, isLikeliest]) => ({ probability, chance: isLikeliest ? 1 : 0 }))
}

describe('of the units that may begin here', () => {
  const at = { sampling: greedy, position: 0 }

  test('greedily the one is taken of which each token is the likeliest next one', () => {
    const all = likeliest([0.6, true], [0.4, true])
    expect(drawnUnit([{ unit: whole, behind: all }], at)).toMatchObject({
      unit: whole,
      logprobs: [Math.log(0.6), Math.log(0.4)],
    })
    expect(drawnUnit([{ unit: first, behind: likeliest([0.4, false]) }], at)).toBeNull()
    const two = [
      { unit: first, behind: likeliest([0.3, false]) },
      { unit: other, behind: likeliest([0.45, true]) },
    ]
    expect(drawnUnit(two, at)?.unit).toBe(other)
  })

  test('a longer one takes from a shorter one what is likely to go on', () => {
    const both = (goesOn: boolean) => [
      { unit: first, behind: likeliest([0.9, true]) },
      { unit: whole, behind: likeliest([0.9, true], [0.4, goesOn]) },
    ]
    expect(drawnUnit(both(true), at)?.unit).toBe(whole)
    expect(drawnUnit(both(false), at)?.unit).toBe(first)
  })

  test('one of a single token is taken, since nothing else is left', () => {
    expect(drawnUnit([{ unit: unit(7), behind: [] }], at)).toMatchObject({ logprobs: [] })
  })

  test('one that has not begun is taken where it is to begin', () => {
    const gap = (chance: number) => [
      { unit: first, begins: { probability: 0.7, chance }, behind: likeliest([0.8, true]) },
    ]
    expect(drawnUnit(gap(1), at)).toMatchObject({ unit: first, firstLogprob: Math.log(0.7) })
    expect(drawnUnit(gap(0), at)).toBeNull()
  })

  test('each is drawn as often as it is likely, and the same by the same seed', () => {
    const units = [
      { unit: first, behind: drawn(0.5) },
      { unit: other, behind: drawn(0.2) },
    ]
    const sampling = { ...greedy, temperature: 1, seed: 5 }
    const draws = Array.from(
      { length: 4000 },
      (_, position) => drawnUnit(units, { sampling, position })?.unit,
    )
    const share = (wanted: Unit | undefined) => draws.filter((one) => one === wanted).length / draws.length
    expect(share(first)).toBeCloseTo(0.5, 1)
    expect(share(other)).toBeCloseTo(0.2, 1)
    expect(share(undefined)).toBeCloseTo(0.3, 1)
    expect(draws[17]).toBe(drawnUnit(units, { sampling, position: 17 })?.unit)
  })
})
