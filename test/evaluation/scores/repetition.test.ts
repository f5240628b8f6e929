import { expect, test } from 'vitest'
import { repetition } from '../../../src/evaluation/scores/repetition.ts'

test('a text that says nothing twice does not repeat itself', () => {
  expect(repetition('one two three four five six')).toEqual({ share: 0, most: 1 })
  expect(repetition('one two three')).toEqual({ share: 0, most: 0 })
})

test('a loop repeats nearly everything', () => {
  const { share, most } = repetition('It is the day, I say. '.repeat(10))
  expect(share).toBeGreaterThan(0.85)
  expect(most).toBe(10)
})
