import { expect, test } from 'vitest'
import { didYouMean } from '../src/did-you-mean.ts'

const known = ['port', 'host', 'log_level', 'keys']

test.each([
  ['prt', 'port'],
  ['hots', 'host'],
  ['loglevel', 'log_level'],
  ['log_levels', 'log_level'],
])('for %s, %s is suggested', (word, meant) => {
  expect(didYouMean(word, known)).toBe(` Did you mean "${meant}"?`)
})

test.each(['x', 'colour', 'pasture'])('for %s, nothing is', (word) => {
  expect(didYouMean(word, known)).toBe('')
})
