import { expect, test } from 'vitest'
import { growthOf, growthTable } from '../../../bench/growth/growth-table.ts'

const points = [
  { at: 100, figures: { 'step, ms': 12.5, 'memory, MiB': 0.004567 } },
  { at: 10_000, figures: { 'step, ms': 1250, 'memory, MiB': null } },
]

test('a curve is a row for each point, and how each figure grows', () => {
  expect(growthTable('files', points).split('\n')).toEqual([
    '| files | step, ms | memory, MiB |',
    '| --- | --- | --- |',
    '| 100 | 12.5 | 0.00457 |',
    '| 10,000 | 1,250 |  |',
    '| grows as the power | 1.00 |  |',
    '| between the last two | 1.00 |  |',
    '| fixed | 0 |  |',
    '| for each | 0.125 |  |',
  ])
})

test('what was measured at one point alone has no growth', () => {
  expect(growthOf(points)).toEqual({
    'step, ms': expect.objectContaining({ exponent: expect.closeTo(1, 9) }),
    'memory, MiB': null,
  })
})
