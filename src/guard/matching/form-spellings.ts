import { ASCII, SEPARATOR, skeleton, skeletonLetters } from './skeleton.ts'

/** Letters that some write as two. */
const digraphs: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', ø: 'oe', å: 'aa', æ: 'ae' }

const WITHOUT_CAPITALS = /^[\x20-@[-~]*$/

/** A form in one or two ways to write its letters. */
export function spellings(form: string): string[] {
  const letters = skeletonLetters(form)
  const own = letters === '' ? [] : [form]
  if (ASCII.test(form)) return own
  const spelled = form
    .normalize('NFC')
    .toLowerCase()
    .replace(/[äöüøåæ]/g, (letter) => digraphs[letter] ?? letter)
  const others = skeletonLetters(spelled)
  return others === letters || others === '' ? own : [...own, spelled]
}

/** Behind how many letters a word of the form ends, in order. */
export function wordEndsOf(form: string): number[] {
  const ends: number[] = []
  let letters = 0
  let before = ''
  const hasCapitals = !WITHOUT_CAPITALS.test(form)
  for (const character of form) {
    const read = skeleton(character)
    // Some write McLean as Mc Lean
    const isEnd = read === SEPARATOR || (hasCapitals && /^\p{Ll}\p{Lu}$/u.test(before + character))
    if (isEnd && ends.at(-1) !== letters) ends.push(letters)
    if (read !== SEPARATOR) letters += [...read].length
    before = character
  }
  return ends
}
