import { expect, test } from 'vitest'
import { bootstrapMean, bootstrapRatio } from '../../../src/evaluation/statistics/paired-bootstrap.ts'

const values = Array.from({ length: 400 }, (_, index) => (index % 20) - 9.5)

test('the interval of a mean is about two standard errors to either side', () => {
  const { mean, low, high } = bootstrapMean(values)
  const error = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length / values.length)
  expect(mean).toBeCloseTo(0, 12)
  expect(high / error).toBeGreaterThan(1.7)
  expect(high / error).toBeLessThan(2.2)
  expect(low / error).toBeLessThan(-1.7)
  expect(low / error).toBeGreaterThan(-2.2)
})

test('a ratio of paired rows that is the same in each of them has no spread', () => {
  const lower = values.map((value) => value + 20)
  const { mean, low, high } = bootstrapRatio(
    lower.map((value) => 0.3 * value),
    lower,
  )
  for (const value of [mean, low, high]) expect(value).toBeCloseTo(0.3, 12)
})

test('the same rows give the same interval', () => {
  expect(bootstrapMean(values)).toEqual(bootstrapMean(values))
})
