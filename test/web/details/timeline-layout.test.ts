import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tickStep, timelineLayout } from '../../../web/details/timeline-layout.ts'
import { tokenTrace } from '../token-trace.ts'

const span = fc
  .record({ startMs: fc.nat(1000), lengthMs: fc.integer({ min: 1, max: 300 }) })
  .map(({ startMs, lengthMs }) => ({ startMs, endMs: startMs + lengthMs }))

test('bars of one row never overlap, and every token has its bar', () => {
  fc.assert(
    fc.property(fc.array(span), (spans) => {
      const traces = spans.map((upstreamQuery, position) => tokenTrace(' a', { position, upstreamQuery }))
      const { upstream, upstreamRows } = timelineLayout(traces)
      expect(upstream.flatMap(({ positions }) => positions).sort((a, b) => a - b)).toEqual(
        spans.map((_, i) => i),
      )
      for (const row of Array.from({ length: upstreamRows }, (_, i) => i)) {
        const bars = upstream.filter((bar) => bar.row === row)
        for (const [i, bar] of bars.entries()) {
          expect(bar.startMs).toBeGreaterThanOrEqual(bars[i - 1]?.endMs ?? 0)
        }
      }
    }),
  )
})

test('tokens of one query share a bar', () => {
  const upstreamQuery = { startMs: 5, endMs: 9 }
  const traces = [0, 1].map((position) => tokenTrace(' a', { position, upstreamQuery }))
  expect(timelineLayout(traces).upstream).toEqual([{ ...upstreamQuery, row: 0, positions: [0, 1] }])
})

test('reaches to the last thing that happened', () => {
  expect(timelineLayout([tokenTrace(' a', { emittedMs: 70 })]).endMs).toBe(70)
  expect(timelineLayout([tokenTrace(' a', { local: { startMs: 0, endMs: 90 } })]).endMs).toBe(90)
  expect(timelineLayout([])).toMatchObject({ upstream: [], local: [], endMs: 0 })
})

test('ticks stand at round numbers, and not too many of them', () => {
  expect([700, 1000, 12_345, 0].map((range) => tickStep(range, 5))).toEqual([200, 200, 5000, 0.2])
})
