import { expect, test } from 'vitest'
import { findPhrases, profilePhrases } from '../../../web/details/profile-phrases.ts'
import { sampleProfile } from '../../profiles/sample-profile.ts'

function look(sent: string[], { question = '', answer = '' } = {}) {
  return findPhrases(profilePhrases(sampleProfile()), { sent, question, answer })
}

test('finds six words in a row of any text of the profile, whatever the case and the signs between', () => {
  const found = look(['x THE HIVES, gave "forty jars" of\nhoney y'])
  expect(found).toEqual({
    found: ['the hives gave forty jars of', 'hives gave forty jars of honey'],
    said: [],
  })
})

test('finds a short text of the profile whole', () => {
  expect(look(['She keeps bees']).found).toEqual(['she keeps bees'])
  expect(look(['Tea, never coffee, please']).found).toEqual(['tea never coffee'])
})

test('single words and fewer words of a longer text are no finding', () => {
  expect(look(['Ada has Honey and a Loom; the hives gave forty jars'])).toEqual({ found: [], said: [] })
})

test('what the question says is no finding', () => {
  expect(look(['She keeps bees'], { question: 'Tell her that she keeps bees.' })).toEqual({
    found: [],
    said: [],
  })
})

test('what the answer says is told apart', () => {
  expect(look(['She keeps bees'], { answer: 'I think she keeps bees.' })).toEqual({
    found: [],
    said: ['she keeps bees'],
  })
})
