import type { FormEnd, TrieNode } from './form-trie.ts'

/** What stands behind a letter: nothing that is seen, plain spaces, those with line breaks, or others. */
export type Between = 'nothing' | 'spaces' | 'lines' | 'others'

/** The beginning of a form in a text. */
export interface OpenMatch {
  readonly node: TrieNode
  /** In UTF-16 units. */
  readonly start: number
  readonly letters: number
  /** Whether no letter stands right behind another. */
  readonly isSpelled: boolean
  /** Behind how many letters other words may begin. */
  readonly breaks: readonly { readonly at: number; readonly between: Between }[]
}

const DIGIT = /^\d$/

/** The match with one more letter; digits are grouped in many ways, which make no other words of them. */
export function followed(
  { start, letters, isSpelled, breaks }: OpenMatch,
  node: TrieNode,
  { between, last, letter }: { readonly between: Between; readonly last: string; readonly letter: string },
): OpenMatch {
  if (between === 'nothing') return { node, start, letters: letters + 1, isSpelled: false, breaks }
  const isGroup = DIGIT.test(last) || DIGIT.test(letter)
  const broken = isGroup ? breaks : [...breaks, { at: letters, between }]
  return { node, start, letters: letters + 1, isSpelled, breaks: broken }
}

/**
 * Whether a match is the form rather than other words with its letters: "is a" is no Isa. `isWholeWords`:
 * nobody hides the form behind what stands inside its words.
 */
export function isForm(
  { isSpelled, breaks }: OpenMatch,
  { needsBorder, wordEnds }: FormEnd,
  isWholeWords: boolean,
): boolean {
  if (isSpelled || wordEnds === null) return true
  return breaks.every(({ at, between }) => {
    const isHidden = between === 'others' || (between === 'lines' && !needsBorder)
    return wordEnds.includes(at) || (isHidden && !isWholeWords)
  })
}

/** What stands behind a letter, with one more character that is none. */
export function behind(before: Between, character: string): Between {
  const isLine = character === '\n' || character === '\r'
  if (before === 'others' || (character !== ' ' && !isLine)) return 'others'
  return isLine || before === 'lines' ? 'lines' : 'spaces'
}

/**
 * Matches that are open in one way to read a text and in another. Of those that have come as far in both, the
 * one counts that is rather the form, and then the longer one: so their number does not grow with the text.
 */
export function withMatches(ones: readonly OpenMatch[], others: readonly OpenMatch[]): readonly OpenMatch[] {
  if (ones.length === 0 || ones === others) return others
  const all = [...ones]
  for (const other of others) {
    const at = all.findIndex(({ node, isSpelled }) => node === other.node && isSpelled === other.isSpelled)
    const alike = all[at]
    if (alike === undefined) all.push(other)
    else if (isRather(other, alike)) all[at] = other
  }
  return all
}

function isRather(one: OpenMatch, other: OpenMatch): boolean {
  const more = hindering(other) - hindering(one)
  return more > 0 || (more === 0 && one.start < other.start)
}

/** How many breaks make other words of a match. */
function hindering({ breaks }: OpenMatch): number {
  return breaks.filter(({ between }) => between !== 'others').length
}
