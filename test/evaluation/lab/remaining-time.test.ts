import { expect, test } from 'vitest'
import { durationText, RemainingTime } from '../../../src/evaluation/lab/remaining-time.ts'

test('the rest takes as long as what was computed, and not as what was found', () => {
  let now = 0
  const time = new RemainingTime(() => now)
  expect(time.forecastMs(4)).toBeNull()
  now = 10
  time.note(false)
  now = 1010
  time.note(true)
  now = 1020
  time.note(false)
  now = 4020
  time.note(true)
  expect(time.forecastMs(3)).toBe(6000)
})

test('durations are minutes and hours', () => {
  expect(durationText(170_000)).toBe('3 min')
  expect(durationText(11_400_000)).toBe('3 h 10 min')
})
