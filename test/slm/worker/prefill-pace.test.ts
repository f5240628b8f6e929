import { expect, test } from 'vitest'
import { PrefillPace } from '../../../src/slm/worker/prefill-pace.ts'

/** The rows of the latest chunk after `chunks` that each took `ms(rows)`. */
function settled(ms: (rows: number) => number, chunks = 20) {
  const pace = new PrefillPace(2)
  for (let chunk = 0; chunk < chunks; chunk++) pace.note(pace.rows(true), ms(pace.rows(true)))
  return pace.rows(true)
}

test('chunks beside answers come to take about 40 ms, whatever a pass costs before its first row', () => {
  expect(settled((rows) => 8 + rows * 0.65)).toBeCloseTo(32 / 0.65, -1)
  expect(settled((rows) => 20 + rows * 0.9)).toBeCloseTo(20 / 0.9, -1)
})

test('a slow model still takes sixteen rows at once, and a fast one no more than its windows', () => {
  expect(settled((rows) => 100 + rows * 7)).toBe(16)
  expect(settled((rows) => rows * 0.01)).toBe(128)
})

test('while no answer runs a chunk goes to the end of the window', () => {
  const pace = new PrefillPace(2)
  pace.note(64, 4_000)
  expect(pace.rows(true)).toBeLessThan(64)
  expect(pace.rows(false)).toBe(128)
})

test('passes of a few rows change nothing', () => {
  const pace = new PrefillPace(2)
  const before = pace.rows(true)
  pace.note(2, 400)
  expect(pace.rows(true)).toBe(before)
})
