import { expect, test } from 'vitest'
import { strengthSummary } from '../../../src/cli/eval/strength-summary.ts'

test('the summary of a trial is the mean over all tokens, with the error of the difference', () => {
  const texts = [
    { tokens: [Float64Array.of(3, 2), Float64Array.of(5, 2)], outside: 1 },
    { tokens: [Float64Array.of(4, 2)], outside: 0 },
  ]
  const { rows, ...rest } = strengthSummary([0, 1], texts)
  expect(rest).toEqual({ texts: 2, tokens: 3, outside: 0.25, best: 1 })
  expect(rows[0]).toMatchObject({ strength: 0, nats: 4, change: 0, error: 0 })
  expect(rows[1]).toMatchObject({ strength: 1, nats: 2, change: -2 })
  expect(rows[1]?.error).toBeCloseTo(1 / Math.sqrt(3), 9)
})
