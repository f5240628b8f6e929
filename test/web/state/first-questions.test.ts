import { beforeEach, expect, test } from 'vitest'
import { picked, prompt } from '../../../web/state/controls.ts'
import { firstQuestions, pickProfile } from '../../../web/state/first-questions.ts'

const LETTER = 'Write a short invitation to dinner on Friday for my neighbour.'

beforeEach(() => {
  picked.value = 'delphine-fontenot'
  prompt.value = firstQuestions['delphine-fontenot'] ?? ''
})

test('somebody new is asked for a letter, in which they greet and sign', () => {
  pickProfile('pim')
  expect(prompt.value).toBe(LETTER)
})

test('the question of somebody new gives way to that of a shipped profile', () => {
  pickProfile('pim')
  pickProfile('noor-lindqvist')
  expect(prompt.value).toBe(firstQuestions['noor-lindqvist'])
})

test('a question of the reader stays', () => {
  prompt.value = 'What is a sea shanty?'
  pickProfile('pim')
  expect([picked.value, prompt.value]).toEqual(['pim', 'What is a sea shanty?'])
})

test('nothing gives way to a first question', () => {
  prompt.value = ' '
  pickProfile('pim')
  expect(prompt.value).toBe(LETTER)
})
