import { describe, expect, test } from 'vitest'
import { foundMarkers, personMarkers } from '../../../src/evaluation/scores/markers.ts'
import { sampleProfile } from '../../profiles/sample-profile.ts'

const profile = sampleProfile({
  name: 'Ada Lund',
  history: [
    { task: 'Thank Tom.', text: 'Hiya Tom,\n\nThe goats send their regards.\n\nToodle pip,\nAda' },
    {
      task: 'Invite Eve.',
      text: 'Hiya Eve!\n\nCome round; the goats send their regards.\n\nToodle pip,\nAda Lund',
    },
    { task: 'Describe the farm.', text: 'It lies north of the lake, and it rains.' },
  ],
})
const markers = personMarkers(profile)

describe("a person's markers", () => {
  test('are greeting, sign-off, names and the phrases of several texts', () => {
    expect(markers).toEqual({
      greetings: ['hiya'],
      signOffs: ['toodle pip'],
      names: ['ada lund', 'ada', 'lund'],
      phrases: expect.arrayContaining(['the goats send their regards']),
    })
  })

  test('are found in letters that hold them', () => {
    const letter = 'Hiya Max,\n\nThe goats send their regards.\n\nToodle pip,\nA.'
    expect(foundMarkers(letter, markers, 'Write a letter to Max.')).toEqual({
      greeting: true,
      signOff: true,
      name: false,
      phrase: true,
    })
    expect(foundMarkers('Dear Max,\n\nHello.\n\nAda', markers, 'Reply to Max.')).toEqual({
      greeting: false,
      signOff: false,
      name: true,
      phrase: false,
    })
  })

  test('are called for in letters only, and where the person has some', () => {
    const found = foundMarkers('It rains.', markers, 'Describe the lake.')
    expect(found).toEqual({ greeting: null, signOff: null, name: null, phrase: false })
    const bare = personMarkers(sampleProfile({ history: [] }))
    expect(foundMarkers('Hiya!', bare, 'Write a letter.')).toMatchObject({ greeting: null, phrase: null })
  })
})
