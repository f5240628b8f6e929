import { describe, expect, test } from 'vitest'
import { historyQuery, retrieveHistory } from '../../../src/profiles/rendering/retrieve-history.ts'
import { sampleProfile } from '../sample-profile.ts'

const letters = sampleProfile({
  history: [
    {
      title: 'Boat',
      text: 'The varnish on the rowing boat has dried, and the oars are in the shed.',
      date: '2020',
    },
    {
      title: 'Soup',
      text: 'Fry the onions, add the lentils and simmer with cumin until soft.',
      date: '2021',
    },
    {
      title: 'Complaint',
      text: 'The train was late again, and I demand a refund of my ticket.',
      date: '2022',
    },
    {
      title: 'Garden',
      text: 'The crème brûlée recipe was better than the tomatoes this year.',
      date: '2023',
    },
    { title: '手紙', text: '京都の庭には苔がたくさんあります。', date: '2019' },
  ],
})
function found(query: string, limit = 5) {
  return retrieveHistory(letters, { query, limit }).map(({ index }) => index)
}

describe('retrieveHistory', () => {
  test.each([
    ['write to the railway about the late train', 2],
    ['How do I cook lentil soup?', 1],
    ['varnishing rowboats and oars', 0],
    ['creme brulee', 3],
    ['庭の苔について書いてください', 4],
    ['complaint', 2],
  ])('puts the text that suits %j first', (query, index) => {
    expect(found(query)[0]).toBe(index)
  })

  test('fills up with the newest texts, and with a stable order', () => {
    expect(found('lentils')).toEqual([1, 3, 2, 0, 4])
    expect(found('')).toEqual([3, 2, 1, 0, 4])
  })

  test('returns no more than asked for', () => {
    expect(found('train', 2)).toHaveLength(2)
    expect(found('train', 0)).toEqual([])
    expect(retrieveHistory(sampleProfile({ history: [] }), { query: 'train', limit: 3 })).toEqual([])
  })

  test('looks at the beginning of a long query only', () => {
    expect(found(`${'x '.repeat(5000)} lentils`)).toEqual(found(''))
    expect(found(`${'x '.repeat(150)} lentils`)).toEqual(found(''))
    expect(found(`${'x '.repeat(50)} lentils`)).toEqual(found('lentils'))
  })

  test.each([
    ['of thousands of letters', 'lentils'.repeat(500)],
    ['whose letters each stand for many', '\ufdfa'.repeat(4000)],
    ['of combining marks', `e${'\u0315\u0300'.repeat(2000)}`],
  ])('takes a word %s for any other', (_, word) => {
    expect(found(`train ${word}`)[0]).toBe(2)
  })

  test('uses the new texts of a new version', () => {
    expect(found('lentils')[0]).toBe(1)
    const next = { ...letters, history: letters.history.toReversed() }
    expect(retrieveHistory(next, { query: 'lentils', limit: 1 })[0]?.index).toBe(3)
  })
})

describe('historyQuery', () => {
  test('takes the first message of some length, so that later turns choose the same texts', () => {
    const first = ['Hi', 'Write a letter to my landlord']
    expect(historyQuery(first)).toBe(first[1])
    expect(historyQuery([...first, 'Now make it a poem about boats'])).toBe(first[1])
  })

  test('falls back to the last message', () => {
    expect(historyQuery(['Hi', 'Lentil soup?'])).toBe('Lentil soup?')
    expect(historyQuery([])).toBe('')
  })

  test('looks at the beginning of a long conversation only', () => {
    const silent = Array.from({ length: 1000 }, () => '… '.repeat(2000))
    expect(historyQuery([...silent.slice(0, 5), 'Write a letter to my landlord', 'Hi'])).toContain('landlord')
    expect(historyQuery([...silent, 'Write a letter to my landlord', 'Hi'])).toBe('Hi')
  })
})
