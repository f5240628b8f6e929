import { expect, test } from 'vitest'
import { coreCount } from '../../../src/slm/engine/core-count.ts'

function cpuInfo(siblings: number, cores: number) {
  return `processor\t: 0\nsiblings\t: ${siblings}\ncore id\t\t: 0\ncpu cores\t: ${cores}\n`
}

test.each([
  ['every thread without further knowledge', { threads: 8, cpuInfo: null, quota: null }, 8],
  ['one of two threads that share a core', { threads: 16, cpuInfo: cpuInfo(16, 8), quota: 'max 100000' }, 8],
  ['a core for an odd thread', { threads: 3, cpuInfo: cpuInfo(16, 8), quota: null }, 2],
  [
    'no more than the container’s quota, rounded up',
    { threads: 8, cpuInfo: cpuInfo(8, 8), quota: '150000 100000\n' },
    2,
  ],
  ['at least one', { threads: 8, cpuInfo: null, quota: '10000 100000' }, 1],
  [
    'cpu information of other processors is no obstacle',
    { threads: 4, cpuInfo: 'BogoMIPS: 48', quota: null },
    4,
  ],
])('%s', (_, sources, cores) => {
  expect(coreCount(sources)).toBe(cores)
})

test('this machine has at least one core', () => {
  expect(coreCount()).toBeGreaterThanOrEqual(1)
})
