import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { IndexedTexts } from '../../../src/profiles/retrieval/indexed-texts.ts'
import { words } from '../../../src/profiles/texts/words.ts'

function ranking(texts: readonly string[], query: string): number[] {
  const scores = IndexedTexts.build(texts.map((text) => ({ heading: '', text }))).scores(words(query))
  return [...scores.keys()]
    .filter((id) => scores[id] !== 0)
    .sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0))
}

const word = fc.stringMatching(/^[a-zäß]{1,8}$/)
const text = fc.array(word, { maxLength: 12 }).map((list) => list.join(' '))

describe('IndexedTexts', () => {
  test('scores the texts that hold a word of the query and no others, but for kin (property)', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 12 }), text, (texts, query) => {
        const scores = IndexedTexts.build(texts.map((one) => ({ heading: one, text: '' }))).scores(
          words(query),
        )
        const asked = new Set(words(query))
        for (const [id, one] of texts.entries()) {
          const own = [...words(one)]
          const isKin = own.some((mine) =>
            [...asked].some((other) => mine.slice(0, 4) === other.slice(0, 4) && mine.length > 3),
          )
          if (own.some((mine) => asked.has(mine))) expect(scores[id]).toBeGreaterThan(0)
          else if (!isKin) expect(scores[id]).toBe(0)
        }
      }),
    )
  })

  test('is the same from its buffer', () => {
    const index = IndexedTexts.build([{ heading: 'The ladder', text: 'It is back behind the shed.' }])
    const again = new IndexedTexts(index.buffer.slice(0))
    expect(again.scores(['ladder', 'shed'])).toEqual(index.scores(['ladder', 'shed']))
    expect([...new IndexedTexts(IndexedTexts.build([]).buffer).scores(['ladder'])]).toEqual([])
  })

  test('prefers rare words, headings, the word itself, and short texts', () => {
    const common = Array.from({ length: 8 }, (_, id) => `letter about subject ${id}`)
    expect(ranking([...common, 'a ladder'], 'letter ladder')[0]).toBe(8)
    expect(ranking(['letters', 'letter'], 'letter')).toEqual([1, 0])
    expect(ranking(['ladder and shed and garden and rain', 'ladder'], 'ladder')).toEqual([1, 0])
    const scores = IndexedTexts.build([
      { heading: 'x', text: 'ladder' },
      { heading: 'ladder', text: 'x' },
    ]).scores(['ladder'])
    expect(scores[1]).toBeGreaterThan(scores[0] ?? 0)
  })

  test.each([
    ['letters', 'letter'],
    ['varnish', 'varnishing'],
    ['Häuser', 'Häusern'],
  ])('takes %s for %s as far as it goes', (one, other) => {
    expect(ranking([one, 'x'], other)).toEqual([0])
    expect(ranking([other, 'x'], one)).toEqual([0])
  })

  test('asks nothing of words that nearly all of many texts have', () => {
    const texts = Array.from({ length: 60 }, (_, id) => `dear reader ${id}`)
    expect(ranking(texts, 'dear')).toEqual([])
    expect(ranking(texts, 'dear 7')).toEqual([7])
  })
})
