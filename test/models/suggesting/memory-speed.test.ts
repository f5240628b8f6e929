import { expect, test } from 'vitest'
import { memorySpeed } from '../../../src/models/suggesting/memory-speed.ts'

test('the speed of memory is twice what was copied, in the fastest of its rounds', () => {
  const times = [0, 100, 100, 150, 150, 350]
  expect(memorySpeed(() => times.shift() ?? Number.NaN)).toBe((2 * 2 ** 27 * 1000) / 50)
})
