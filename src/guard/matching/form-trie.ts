import { SEPARATOR, skeleton, skeletonLetters } from './skeleton.ts'

/** Letters that some write as two. */
const digraphs: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', ø: 'oe', å: 'aa', æ: 'ae' }

/** A form that ends at a node. */
export interface FormEnd {
  /** Its index. */
  readonly form: number
  readonly needsBorder: boolean
  /** Behind how many letters a word of the form ends; null where words are not told apart. */
  readonly wordEnds: ReadonlySet<number> | null
}

/** Forms by their letters. */
export interface TrieNode {
  readonly next: Map<string, TrieNode>
  readonly ends: FormEnd[]
}

/** A form in one or two ways to write its letters. */
export function spellings(form: string): string[] {
  const spelled = form
    .normalize('NFC')
    .toLowerCase()
    .replace(/[äöüøåæ]/g, (letter) => digraphs[letter] ?? letter)
  const isOther = skeletonLetters(spelled) !== skeletonLetters(form)
  return (isOther ? [form, spelled] : [form]).filter((text) => skeletonLetters(text) !== '')
}

/** Behind how many letters a word of the form ends. */
export function wordEndsOf(form: string): Set<number> {
  const ends = new Set<number>()
  let letters = 0
  let before = ''
  for (const character of form) {
    const read = skeleton(character)
    // Some write McLean as Mc Lean
    if (read === SEPARATOR || /^\p{Ll}\p{Lu}$/u.test(before + character)) ends.add(letters)
    if (read !== SEPARATOR) letters += [...read].length
    before = character
  }
  return ends
}

export function newTrie(): TrieNode {
  return { next: new Map(), ends: [] }
}

export function insert(root: TrieNode, letters: string, end: FormEnd): void {
  let node = root
  for (const letter of letters) {
    const next = node.next.get(letter) ?? newTrie()
    node.next.set(letter, next)
    node = next
  }
  node.ends.push(end)
}
