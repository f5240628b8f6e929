import { expect, test } from 'vitest'
import { heldBytes, memoryTrend, residentBytes } from '../../../bench/load/memory-trend.ts'

test('memory that grows steadily has that slope, and rising quarters', () => {
  const samples = Array.from({ length: 120 }, (_, second) => ({
    atSeconds: second,
    bytes: 1000 + 5 * second,
  }))
  const { slopeBytesPerMinute, quarterBytes, peakBytes } = memoryTrend(samples)
  expect(slopeBytesPerMinute).toBeCloseTo(300)
  expect(quarterBytes).toEqual([1072.5, 1222.5, 1372.5, 1522.5])
  expect(peakBytes).toBe(1595)
})

test('memory that was filled and then stays has no slope', () => {
  const samples = Array.from({ length: 100 }, (_, at) => ({ atSeconds: at, bytes: Math.min(at, 40) }))
  expect(memoryTrend(samples).slopeBytesPerMinute).toBe(0)
})

test('what a process holds is at most what is resident, which counts shared pages once for each process', async () => {
  const held = await heldBytes(process.pid)
  expect(held).toBeGreaterThan(0)
  expect(held).toBeLessThanOrEqual((await residentBytes(process.pid)) * 1.05)
})
