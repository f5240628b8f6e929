import { beginsEscape, readEscape } from './escapes.ts'
import { insert, newTrie, spellings, type TrieNode, wordEndsOf } from './form-trie.ts'
import { markupBehind, type OpenMarkup, withMarkup } from './markup.ts'
import { type Between, behind, followed, isForm, type OpenMatch, withMatches } from './open-match.ts'
import { SEPARATOR, skeleton, skeletonLetters } from './skeleton.ts'

/** Where a form stands in a text, in UTF-16 units. */
export interface FormMatch {
  /** Index of the form. */
  readonly form: number
  readonly start: number
  readonly end: number
}

/** Letters from which on a form also counts inside a longer word. */
export const LONG_LETTERS = 6
/** Scripts that put no space between words, or endings of all kinds behind them. */
const WITHOUT_SPACES =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
interface AwaitingMatch extends FormMatch {
  readonly isPlural?: true
}

interface OpenEscape {
  readonly written: string
  /** What was read before it, other escapes that are not whole among that. */
  readonly before: MatchState
}

/** Places that a character takes. */
interface Span {
  readonly start: number
  readonly end: number
}

/** How far a text was read. Immutable, so that texts with the same beginning share it. */
export interface MatchState {
  /** UTF-16 units read. */
  readonly length: number
  readonly open: readonly OpenMatch[]
  /** Whether a word may begin here. */
  readonly atBorder: boolean
  /** The last letter, and what stands behind it. */
  readonly last: string
  readonly between: Between
  /** Whole forms whose word may still go on. */
  readonly awaitingBorder: readonly AwaitingMatch[]
  /** What was open before markup that may still end. */
  readonly markup: OpenMarkup | null
  /** Characters that may say another one, such as `&uuml;`, and are not whole yet. */
  readonly escapes: readonly OpenEscape[]
}

export interface ReadText {
  readonly state: MatchState
  /** Forms that are known to stand in the text, by the end of each. */
  readonly found: readonly FormMatch[]
}

/**
 * Finds forms in texts that come in pieces. Case, accents, look-alikes, and whatever stands between letters
 * do not count: white space, punctuation, tags. An escape, such as `&uuml;`, counts as what it says, also one
 * that is written in escapes itself, as `%26uuml%3B`. With plain spaces between some of its letters a form is
 * other words ("is a" is no Isa), unless one of its own words ends there. A form of fewer than six letters or
 * digits has to be a word of its own in one line, with an `s` behind it at most; a longer one is found inside
 * words too, and so is one of a script that puts no spaces between words.
 */
export class FormMatcher {
  readonly #words: TrieNode = newTrie()
  readonly #anywhere: TrieNode = newTrie()
  readonly start: MatchState = {
    length: 0,
    open: [],
    atBorder: true,
    last: '',
    between: 'nothing',
    awaitingBorder: [],
    markup: null,
    escapes: [],
  }

  readonly #isWholeWords: boolean

  /** `isWholeWords`: nobody hides the forms, so that whatever stands between letters makes other words. */
  constructor(forms: readonly string[], { isWholeWords = false }: { readonly isWholeWords?: boolean } = {}) {
    this.#isWholeWords = isWholeWords
    for (const [form, text] of forms.entries()) {
      const isSpaceless = WITHOUT_SPACES.test(text)
      const needsBorder = !isSpaceless && [...skeletonLetters(text)].length < LONG_LETTERS
      const root = needsBorder ? this.#words : this.#anywhere
      for (const spelled of spellings(text)) {
        const wordEnds = isSpaceless ? null : wordEndsOf(spelled)
        insert(root, skeletonLetters(spelled), { form, needsBorder, wordEnds })
      }
    }
  }

  /** Reads on. `text` holds whole characters. */
  read(state: MatchState, text: string): ReadText {
    const found: FormMatch[] = []
    let now = state
    for (const character of text) {
      now = this.#step(now, character, { start: now.length, end: now.length + character.length }, found)
    }
    return { state: now, found }
  }

  /** All forms in a text that ends where the state is. */
  atEnd({ awaitingBorder }: MatchState): readonly FormMatch[] {
    return awaitingBorder
  }

  /** All forms in a text. */
  find(text: string): FormMatch[] {
    const { state, found } = this.read(this.start, text)
    return [...found, ...this.atEnd(state)]
  }

  /** Reads a character in all ways at once: as it is written, and as part of escapes. */
  #step(state: MatchState, character: string, place: Span, found: FormMatch[]): MatchState {
    const written = this.#asWritten(state, character, place, found)
    if (state.escapes.length === 0 && !beginsEscape(character)) return written
    let read = written
    const escapes: OpenEscape[] = []
    for (const { written: begun, before } of state.escapes) {
      const longer = begun + character
      const { says, goesOn } = readEscape(longer)
      if (goesOn) escapes.push({ written: longer, before })
      if (says !== null) read = bothWays(read, this.#asSaid(before, says, place.end, found))
    }
    if (beginsEscape(character))
      escapes.push({ written: character, before: nestedAtMost(state, MOST_NESTED) })
    return { ...read, escapes: [...escapes, ...read.escapes].slice(0, MOST_ESCAPES) }
  }

  /** What an escape says takes its place, and may be part of other escapes. */
  #asSaid(before: MatchState, says: string, end: number, found: FormMatch[]): MatchState {
    const place = { start: before.length, end }
    let said = before
    for (const character of says) said = this.#step(said, character, place, found)
    return said
  }

  #asWritten(state: MatchState, character: string, place: Span, found: FormMatch[]): MatchState {
    const letters = skeleton(character)
    const length = place.end
    if (letters === '') return { ...state, length, escapes: noEscapes }
    if (letters === SEPARATOR) {
      found.push(...state.awaitingBorder)
      const { markup, open } = withMarkup(state.markup, state.open, { character, place })
      const between = behind(state.between, character)
      const { last } = state
      return { length, open, atBorder: true, last, between, awaitingBorder: [], markup, escapes: noEscapes }
    }
    const read = this.#withLetters(state, letters, place, found)
    const { open, awaitingBorder, last, between } = read
    const markup = markupBehind(state.markup, character, length)
    const isLetter = LETTER.test(character)
    // A symbol that is read as a letter, such as a circled one, may as well stand between words
    if (!isLetter) found.push(...state.awaitingBorder)
    return { length, open, atBorder: !isLetter, last, between, awaitingBorder, markup, escapes: noEscapes }
  }

  #withLetters(read: ReadLetters, letters: string, { start, end }: Span, found: FormMatch[]): ReadLetters {
    let { open, atBorder, awaitingBorder, last, between } = read
    let isFirst = true
    for (const letter of letters) {
      const next: OpenMatch[] = []
      for (const match of open) {
        const node = match.node.next.get(letter)
        if (node === undefined) continue
        // A character may be several letters
        const before = { between, last, letter }
        next.push(isFirst ? followed(match, node, before) : { ...match, node, letters: match.letters + 1 })
      }
      this.#begin(this.#anywhere, letter, { start, next })
      if (atBorder) this.#begin(this.#words, letter, { start, next })
      const going = letter === 's' && !atBorder ? awaitingBorder.flatMap(plural(end)) : []
      open = next.length === 0 ? next : next.filter(({ node }) => node.next.size > 0)
      for (const match of next) {
        for (const formEnd of match.node.ends) {
          if (!isForm(match, formEnd, this.#isWholeWords)) continue
          const whole = { form: formEnd.form, start: match.start, end }
          if (formEnd.needsBorder) going.push(whole)
          else found.push(whole)
        }
      }
      awaitingBorder = going
      atBorder = false
      between = 'nothing'
      last = letter
      isFirst = false
    }
    return { open, atBorder, awaitingBorder, last, between }
  }

  #begin(root: TrieNode, letter: string, { start, next }: { start: number; next: OpenMatch[] }): void {
    const node = root.next.get(letter)
    if (node !== undefined) next.push({ node, start, letters: 1, isSpelled: true, breaks: [] })
  }
}

type ReadLetters = Pick<MatchState, 'open' | 'atBorder' | 'awaitingBorder' | 'last' | 'between'>

const noEscapes: readonly OpenEscape[] = []
/** How many times text is escaped at most where each time all of it was. */
const MOST_NESTED = 3
/** More never are open at a time, but in texts that are made for it. */
const MOST_ESCAPES = 16

/** How far a text was read where it says the same in two ways. */
function bothWays(written: MatchState, said: MatchState): MatchState {
  const { last, between } = written.open.length === 0 ? said : written
  return {
    length: written.length,
    open: withMatches(written.open, said.open),
    atBorder: written.atBorder || said.atBorder,
    last,
    between,
    awaitingBorder: [...written.awaitingBorder, ...said.awaitingBorder],
    markup: written.markup ?? said.markup,
    escapes: [...written.escapes, ...said.escapes],
  }
}

/** The state in which an escape begins: forms end there in any case, and it is in so many others at most. */
function nestedAtMost(state: MatchState, most: number): MatchState {
  if (state.escapes.length === 0 && state.awaitingBorder.length === 0) return state
  const outer = most === 1 ? noEscapes : state.escapes
  const escapes = outer.map(({ written, before }) => ({ written, before: nestedAtMost(before, most - 1) }))
  return { ...state, awaitingBorder: [], escapes }
}

/** Up to where it is known which forms stand in a text, whatever follows. */
export function decidedUpTo(state: MatchState): number {
  const { length, open, awaitingBorder, markup, escapes } = state
  const starts = [...open, ...awaitingBorder, ...(markup?.open ?? [])].map(({ start }) => start)
  return Math.min(length, ...starts, ...escapes.map(({ before }) => decidedUpTo(before)))
}

/** Characters that nobody sees. */
const UNSEEN = /^[\u00ad\u200b-\u200d\u2060\ufeff]+/
const LETTER = /[\p{L}\p{M}\p{N}]/u
const WORD = /^[\p{L}\p{M}\p{N}]/u

/** Whether a text right behind a form goes on with its last word: `e` behind `Marlow`. */
export function goesOnWithWord(text: string): boolean {
  const seen = text.replace(UNSEEN, '')
  return WORD.test(seen) && !WITHOUT_SPACES.test(seen.slice(0, 1))
}

/** The same matches with an `s` that makes them several, which ends at `end`. */
function plural(end: number): (match: AwaitingMatch) => AwaitingMatch[] {
  return (match) => (match.isPlural ? [] : [{ ...match, end, isPlural: true }])
}
