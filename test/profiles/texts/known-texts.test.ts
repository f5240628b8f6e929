import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KnownTexts } from '../../../src/profiles/texts/known-texts.ts'

const vocabulary = 'ladder shed honey loom winter train letter window garden music boat soup'.split(' ')
const texts = fc
  .array(fc.nat({ max: 9999 }), { minLength: 20, maxLength: 120 })
  .map((numbers) => numbers.map((number) => `${vocabulary[number % 12]}${number}`))

async function likeness(known: readonly string[], text: string, similar = true) {
  return (await (await KnownTexts.of(known, { similar })).addAll([text]))[0]
}

describe('KnownTexts', () => {
  test('finds the same text whatever its spaces, and a changed one as similar (property)', async () => {
    await fc.assert(
      fc.asyncProperty(texts, fc.nat(), async (words, position) => {
        const text = words.join(' ')
        expect(await likeness([text], `\n${words.join('  ')} `)).toBe('same')
        expect(await likeness([text], text.toUpperCase())).toBe('similar')
        const changed = words.with(position % words.length, 'else')
        // Three words of twenty at worst
        expect(await likeness([text], changed.join(' '))).toBe('similar')
      }),
      { numRuns: 50 },
    )
  })

  test('takes texts for new that share their words and not their sentences (property)', async () => {
    await fc.assert(
      fc.asyncProperty(texts, texts, async (one, other) => {
        expect(await likeness([one.join(' ')], other.join(' '))).toBeNull()
      }),
      { numRuns: 50 },
    )
  })

  test('finds those within the list itself, in any script', async () => {
    const known = await KnownTexts.of([])
    const garden = '京都の庭には苔がたくさんあります。水の音が聞こえます。'
    expect(await known.addAll(['', garden, `${garden}。`, '', '   '])).toEqual([
      null,
      null,
      'similar',
      'same',
      'same',
    ])
  })

  test('compares word for word alone when told so', async () => {
    const text = 'the ladder is back behind the shed on the dry side'
    expect(await likeness([text], `${text} now`, false)).toBeNull()
    expect(await likeness([text], `${text} `, false)).toBe('same')
  })
})
