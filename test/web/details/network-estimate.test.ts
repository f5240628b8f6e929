import { expect, test } from 'vitest'
import { networkEstimate } from '../../../web/details/network-estimate.ts'
import { tokenTrace } from '../token-trace.ts'

function query(startMs: number, ends: readonly number[]) {
  return ends.map((endMs) => tokenTrace(' a', { upstreamQuery: { startMs, endMs } }))
}

test('the way is what the first token of a query takes longer than the next ones', () => {
  expect(networkEstimate(query(100, [180, 220, 260]))).toBe(40)
})

test('the middle of several queries counts, in whatever order their tokens came', () => {
  const traces = [...query(0, [90, 130]), ...query(200, [320, 280]), ...query(500, [900, 940])]
  expect(networkEstimate(traces)).toBe(50)
})

test('it is never below zero, and unknown without a query of several tokens', () => {
  expect(networkEstimate(query(0, [30, 80]))).toBe(0)
  expect(networkEstimate([...query(0, [80]), ...query(5, [90, 90])])).toBeNull()
  expect(networkEstimate([])).toBeNull()
})
