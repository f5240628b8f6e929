import { describe, expect, test } from 'vitest'
import { type Profile, profileSchema } from '../../../../src/profiles/profile.ts'
import {
  type InterviewAnswers,
  noAnswers,
  privateChoices,
  withAnswers,
} from '../../../../web/profiles/interview/interview-answers.ts'

const blank: Profile = {
  id: '',
  name: '',
  private: [],
  facts: [],
  preferences: [],
  writing_style: [],
  about: '',
  history: [],
}
const context = { task: 'Tell a friend that I come later.', date: '2026-11-30' }
const jo: InterviewAnswers = {
  name: ' Jo Harbour ',
  greeting: 'Moin,',
  signOff: '“Hold fast, Jo”',
  length: 'short',
  tone: 'relaxed',
  phrases: 'no bother, "fair winds",',
  work: 'repair boats at Tern Yard',
  place: 'Ostend',
  people: 'Ann Baird, my sister!',
  chosenPrivate: new Set(['Ostend', 'Ann Baird']),
  reply: 'The varnish is wet.\nHalf past eight.\n',
}

describe('the answers of an interview', () => {
  test('become the lines of an ordinary profile, and one past text for the request', () => {
    expect(withAnswers(blank, jo, context)).toEqual({
      ...blank,
      id: 'jo-harbour',
      name: 'Jo Harbour',
      private: [
        { kind: 'place', value: 'Ostend', forms: [] },
        { kind: 'person', value: 'Ann Baird', forms: ['Ann', 'Baird'] },
      ],
      facts: ['Work: repair boats at Tern Yard.', 'Home: Ostend.', 'People: Ann Baird, my sister!'],
      writing_style: [
        'Begins with "Moin".',
        'Ends with "Hold fast, Jo".',
        'Writes short sentences, and few of them.',
        'Informal, as among friends.',
        'Often says "no bother", "fair winds".',
      ],
      history: [{ ...context, text: 'The varnish is wet.\nHalf past eight.' }],
    })
  })

  test('may be a name alone, in any script, which a profile file takes', () => {
    for (const name of ['Jo', 'J. Harbour', '小林 花']) {
      const profile = withAnswers(blank, { ...noAnswers, name, chosenPrivate: new Set([name]) }, context)
      expect(profileSchema.parse(profile)).toEqual(profile)
      expect(profile.private.map(({ value }) => value)).toEqual([name])
    }
    expect(withAnswers(blank, { ...noAnswers, name: '小林 花' }, context).id).toBe('me')
  })

  test('stand beside what the form has already, and a second time change nothing', () => {
    const begun = { ...blank, id: 'mine', name: 'J', facts: ['Keeps bees.', ''], preferences: ['Rain.'] }
    const once = withAnswers(begun, jo, context)
    expect(once.id).toBe('mine')
    expect(once.facts.slice(0, 2)).toEqual(['Keeps bees.', 'Work: repair boats at Tern Yard.'])
    expect(once.preferences).toEqual(['Rain.'])
    expect(withAnswers(once, jo, { ...context, date: '2026-12-01' })).toEqual(once)
  })
})

describe('what may be private of it', () => {
  test('is the name, and names and numbers of the facts, each of its question’s kind', () => {
    const kinds = privateChoices({ ...jo, work: 'nurse at Tern Hospital, since 14 March 2019' })
    expect(kinds.map(({ kind, value }) => [kind, value])).toEqual([
      ['person', 'Jo Harbour'],
      ['date', '14 March 2019'],
      ['organisation', 'Tern Hospital'],
      ['place', 'Ostend'],
      ['person', 'Ann Baird'],
    ])
  })

  test('is nothing while nothing is answered, and the rest where the name is missing', () => {
    expect(privateChoices(noAnswers)).toEqual([])
    expect(privateChoices({ ...noAnswers, place: 'Ostend' }).map(({ value }) => value)).toEqual(['Ostend'])
  })
})
