import { describe, expect, test } from 'vitest'
import { candidatesOf, factsOf, newOnes } from '../../../../web/profiles/import/candidate.ts'
import { found, readFile } from './read-file.ts'

describe('what may be imported', () => {
  test('is the texts of all files, newest first, those without a date last', () => {
    const one = readFile('a.mbox', { texts: [found('b', { date: '2024-05' }), found('d')] })
    const other = readFile('c.json', {
      texts: [found('a', { date: '2025-01-02' }), found('c', { date: '2023' })],
    })
    expect(candidatesOf([one, other]).map(({ text, file }) => [text, file])).toEqual([
      ['a', 'c.json'],
      ['b', 'a.mbox'],
      ['c', 'c.json'],
      ['d', 'a.mbox'],
    ])
  })

  test('is not chosen at first where the profile or another file has it', () => {
    const one = readFile('a.txt', { texts: [found('Dear  Ann,\nhello.'), found('x', { like: 'similar' })] })
    const again = readFile('b.txt', { texts: [found('Dear Ann, hello.'), found('y')] })
    const candidates = candidatesOf([one, again])
    expect(candidates.map(({ like }) => like)).toEqual([null, 'similar', 'same', null])
    expect([...newOnes(candidates)]).toEqual([0, 3])
  })

  test('has each fact once', () => {
    const facts = [{ text: 'Lives in Lisbon.', like: null }]
    expect(factsOf([readFile('a.json', { facts }), readFile('b.json', { facts })])).toEqual(facts)
  })
})
