import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type FormEnd, FormTrie, type TrieNode } from '../../../src/guard/matching/form-trie.ts'

function trieOf(forms: readonly string[]) {
  const trie = new FormTrie()
  const other = trie.root()
  const root = trie.root()
  for (const [form, letters] of forms.entries()) {
    trie.insert(form % 3 === 0 ? other : root, letters, { form, needsBorder: false, wordEnds: [form % 2] })
  }
  const at = (start: TrieNode, letters: string) => {
    let node: TrieNode | undefined = start
    for (const letter of letters) node = node === undefined ? undefined : trie.next(node, letter)
    return node
  }
  return { trie, other, root, at }
}

const forms = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '1', '李', '𠮷'), minLength: 1 }), {
  maxLength: 40,
})

describe('forms by their letters', () => {
  test('are found at the end of their own letters, in the order in which they came, and nowhere else', () => {
    fc.assert(
      fc.property(forms, forms, (inserted, others) => {
        const { trie, other, root, at } = trieOf(inserted)
        for (const [start, isOther] of [
          [other, true],
          [root, false],
        ] as const) {
          const own = [...inserted.entries()].filter(([form]) => (form % 3 === 0) === isOther)
          for (const letters of [...inserted, ...others]) {
            const node = at(start, letters)
            const ends = node === undefined ? [] : trie.ends(node)
            const expected = own.filter(([, one]) => one === letters).map(([form]) => form)
            expect(ends.map(({ form }: FormEnd) => form)).toEqual(expected)
            for (const { form, wordEnds } of ends) expect(wordEnds).toEqual([form % 2])
            const begun = own.some(([, one]) => one.startsWith(letters))
            expect(node !== undefined).toBe(begun)
            const isLonger = own.some(([, one]) => one.startsWith(letters) && one !== letters)
            expect(node !== undefined && trie.goesOn(node)).toBe(isLonger)
          }
        }
      }),
    )
  })

  test('take a number for each letter that they do not share, and a look-up only where they branch off', () => {
    const many = Array.from({ length: 10_000 }, (_, at) => `h${at}orkney${at}exampleorg`)
    const { trie } = trieOf(many)
    const letters = many.join('').length
    expect(trie.size).toBeLessThanOrEqual(letters + 2)
    expect(trie.branches).toBeLessThanOrEqual(many.length + 2)
  })
})
