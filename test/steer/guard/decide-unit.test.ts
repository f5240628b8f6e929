import { describe, expect, test } from 'vitest'
import { drawnUnit } from '../../../src/steer/guard/decide-unit.ts'
import type { Unit } from '../../../src/steer/guard/decode-guard.ts'
import { greedy } from '../../../src/steer/sampling/sampling.ts'
import { tokenIds } from '../../../src/steer/token-id.ts'

function unit(...tokens: number[]): Unit {
  return { path: tokenIds(tokens), tokens: tokenIds(tokens), needsBorder: false }
}

const first = unit(1, 2)
const whole = unit(1, 2, 3)
const other = unit(1, 4)

describe('of the units that may begin here', () => {
  const at = { sampling: greedy, position: 0 }

  test('the one is taken that is likelier than all else', () => {
    expect(drawnUnit([{ unit: first, probabilities: [0.6] }], at)?.unit).toBe(first)
    expect(drawnUnit([{ unit: first, probabilities: [0.4] }], at)).toBeNull()
    const two = [
      { unit: first, probabilities: [0.3] },
      { unit: other, probabilities: [0.45] },
    ]
    expect(drawnUnit(two, at)?.unit).toBe(other)
  })

  test('a longer one takes from a shorter one what is likely to go on', () => {
    const both = (goesOn: number) => [
      { unit: first, probabilities: [0.9] },
      { unit: whole, probabilities: [0.9, goesOn] },
    ]
    expect(drawnUnit(both(0.8), at)?.unit).toBe(whole)
    expect(drawnUnit(both(0.2), at)?.unit).toBe(first)
  })

  test('one of a single token is taken, since nothing else is left', () => {
    expect(drawnUnit([{ unit: unit(7), probabilities: [] }], at)).toMatchObject({ logprobs: [] })
  })

  test('one that has not begun is taken where it is likelier than all else together', () => {
    const gap = [{ unit: first, begins: 0.7, probabilities: [0.8] }]
    expect(drawnUnit(gap, at)).toMatchObject({ unit: first, firstLogprob: Math.log(0.7) })
    const rare = gap.map((one) => ({ ...one, begins: 0.5 }))
    expect(drawnUnit(rare, at)).toBeNull()
  })

  test('each is drawn as often as it is likely, and the same by the same seed', () => {
    const units = [
      { unit: first, probabilities: [0.5] },
      { unit: other, probabilities: [0.2] },
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
