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

function person(name: string, ...texts: readonly string[]) {
  return personMarkers(sampleProfile({ name, history: texts.map((text) => ({ text })) }))
}

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

  test('hold all words that greetings share, but not who is greeted', () => {
    const two = person('Gwen Pryce', 'Ahoy there Tom,\n\nIt rains.', 'Ahoy there Mr Evans,\n\nIt snows.')
    expect(two.greetings).toEqual(['ahoy there'])
    const first = (line: string) => `${line}\n\nThe goats are fed, and so am I.`
    expect(person('A', first('Good day. Wind south.'), first('Good day. Snow.')).greetings).toEqual([
      'good day',
    ])
    expect(person('A', first('My goats'), first('Supper')).greetings).toEqual([])
    expect(person('A', first('Dear Tom,'), first('Hiya Eve,')).greetings).toEqual(['dear', 'hiya'])
  })

  test('hold the name that stands below a sign-off, whatever it is', () => {
    const { signOffs, names } = person('Zuri Mbeki', 'yo yo team,\n\nbig swell tomorrow.\n\nstay salty,\nz')
    expect(signOffs).toEqual(['stay salty'])
    expect(names).toEqual(['zuri mbeki', 'zuri', 'mbeki', 'z'])
  })

  test('are found below the subject of a mail', () => {
    const letter = (greeting: string) => `Subject: The goats\n\n${greeting} Max,\n\nHello.`
    const found = (text: string) => foundMarkers(text, markers, 'Write a mail: an e-mail to Max.').greeting
    expect(found(letter('Hiya'))).toBe(true)
    expect(found(letter('Dear'))).toBe(false)
    expect(found('Hiyawatha, Max,\n\nHello.')).toBe(false)
  })

  test('are called for in letters only, and where the person has some', () => {
    const found = foundMarkers('It rains.', markers, 'Describe the lake.')
    expect(found).toEqual({ greeting: null, signOff: null, name: null, phrase: false })
    const bare = personMarkers(sampleProfile({ history: [] }))
    expect(foundMarkers('Hiya!', bare, 'Write a letter.')).toMatchObject({ greeting: null, phrase: null })
  })
})
