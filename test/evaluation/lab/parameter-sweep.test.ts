import { expect, test } from 'vitest'
import { parameterSweep } from '../../../src/evaluation/lab/parameter-sweep.ts'

test('sweeps each parameter around the published values, which are on every axis', () => {
  const published = parameterSweep().filter(({ strength }) => strength === 1.783)
  expect(published.map(({ axis, value }) => `${axis}=${value}`)).toEqual([
    'iterations=20',
    'alpha=2',
    'beta=1',
    'lambda=2',
    'eta=10',
  ])
})

test('beta scales the strength, and lambda lessens it', () => {
  const strengths = (wanted: string) =>
    parameterSweep()
      .filter(({ axis }) => axis === wanted)
      .map(({ strength }) => strength)
  expect(strengths('beta').at(-1)).toBeCloseTo(2 * 1.7833, 2)
  expect(strengths('lambda')).toEqual(strengths('lambda').toSorted((a, b) => b - a))
})
