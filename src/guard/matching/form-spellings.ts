import { SEPARATOR, skeleton, skeletonLetters } from './skeleton.ts'

/** Letters that some write as two. */
const digraphs: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', ø: 'oe', å: 'aa', æ: 'ae' }

/** A form in one or two ways to write its letters. */
export function spellings(form: string): string[] {
  const spelled = form
    .normalize('NFC')
    .toLowerCase()
    .replace(/[äöüøåæ]/g, (letter) => digraphs[letter] ?? letter)
  const isOther = skeletonLetters(spelled) !== skeletonLetters(form)
  return (isOther ? [form, spelled] : [form]).filter((text) => skeletonLetters(text) !== '')
}

/** Behind how many letters a word of the form ends, in order. */
export function wordEndsOf(form: string): number[] {
  const ends: number[] = []
  let letters = 0
  let before = ''
  for (const character of form) {
    const read = skeleton(character)
    // Some write McLean as Mc Lean
    const isEnd = read === SEPARATOR || /^\p{Ll}\p{Lu}$/u.test(before + character)
    if (isEnd && ends.at(-1) !== letters) ends.push(letters)
    if (read !== SEPARATOR) letters += [...read].length
    before = character
  }
  return ends
}
