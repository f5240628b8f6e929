import { describe, expect, test } from 'vitest'
import { effectWords, overdone } from '../../../../web/compare/reasons/answer-effect.ts'

test.each([
  [0, 116, 'nothing to notice'],
  [0, 0, 'nothing to notice'],
  [6, 116, 'barely noticeable'],
  [20, 116, 'noticeable'],
  [40, 116, 'clearly the profile’s voice'],
  [90, 116, 'nearly all the profile’s'],
])('%i of %i words: %s', (changed, words, label) => {
  expect(effectWords(changed, words)).toBe(label)
})

describe('a strength was too much', () => {
  const text =
    'I see a red balcony full of flowers, a man with a silver trumpet, and two nuns who eat ice cream.'

  test('where the answer recites a past text', () => {
    expect(overdone(`Well. ${text}`, [{ kind: 'text', text }])).toContain('recites 21 words')
    expect(overdone(text.slice(0, 36), [{ kind: 'text', text }])).toBeNull()
  })

  test('where it goes round in circles', () => {
    expect(overdone('I see the sea. '.repeat(3), [])).toContain('circles')
    expect(overdone(text, [])).toBeNull()
  })
})
