import { expect, test } from 'vitest'
import { remainingTime } from '../../../src/evaluation/lab/remaining-time.ts'

test('a run takes as long as it has taken until now, a piece', () => {
  expect(remainingTime({ done: 0, all: 4 }, 5)).toBe('')
  expect(remainingTime({ done: 1, all: 4 }, 60_000)).toBe('3 min')
  expect(remainingTime({ done: 2, all: 40 }, 600_000)).toBe('3 h 10 min')
})
