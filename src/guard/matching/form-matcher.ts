import type { SlicedWork } from '../../sliced-work.ts'
import { beginsEscape, readEscape } from './escapes.ts'
import { spellings, wordEndsOf } from './form-spellings.ts'
import { FormTrie, type TrieNode } from './form-trie.ts'
import { markupBehind, withMarkup } from './markup.ts'
import {
  type AwaitingMatch,
  bothWays,
  type FormMatch,
  type MatchState,
  nestedAtMost,
  noEscapes,
  type OpenEscape,
} from './match-state.ts'
import { behind, followed, isForm, type OpenMatch } from './open-match.ts'
import { plainCharacter } from './plain-characters.ts'
import { skeletonLetters } from './skeleton.ts'
import { piecesOf } from './text-pieces.ts'

/** Letters from which on a form also counts inside a longer word. */
export const LONG_LETTERS = 6
/** Scripts that put no space between words, or endings of all kinds behind them. */
const WITHOUT_SPACES =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
/** Places that a character takes. */
interface Span {
  readonly start: number
  readonly end: number
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
  readonly #trie = new FormTrie()
  readonly #words = this.#trie.root()
  readonly #anywhere = this.#trie.root()
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
    for (const [form, text] of forms.entries()) this.add(form, text)
  }

  /** The same in slices, for many forms. */
  static *making(
    forms: readonly string[],
    options: { readonly isWholeWords?: boolean } = {},
  ): SlicedWork<FormMatcher> {
    const matcher = new FormMatcher([], options)
    for (const [form, text] of forms.entries()) {
      matcher.add(form, text)
      yield
    }
    return matcher
  }

  /** Finds another form from now on; no text may have been begun that is not read to its end. */
  add(form: number, text: string): void {
    const isSpaceless = WITHOUT_SPACES.test(text)
    const needsBorder = !isSpaceless && [...skeletonLetters(text)].length < LONG_LETTERS
    const root = needsBorder ? this.#words : this.#anywhere
    for (const spelled of spellings(text)) {
      const wordEnds = isSpaceless ? null : wordEndsOf(spelled)
      this.#trie.insert(root, skeletonLetters(spelled), { form, needsBorder, wordEnds })
    }
  }

  /** Reads on. `text` holds whole characters. */
  read(state: MatchState, text: string): ReadText {
    const found: FormMatch[] = []
    let now = this.#plainly(state, text, 0)
    for (let at = now.length - state.length; at < text.length; at = now.length - state.length) {
      const character = String.fromCodePoint(text.codePointAt(at) as number)
      now = this.#step(now, character, { start: now.length, end: now.length + character.length }, found)
      now = this.#plainly(now, text, at + character.length)
    }
    return { state: now, found }
  }

  /** Reads on, without anything new for each character, as long as nothing is open and no form begins. */
  #plainly(state: MatchState, text: string, from: number): MatchState {
    if (state.open.length > 0 || state.awaitingBorder.length > 0 || state.markup !== null) return state
    if (state.escapes.length > 0) return state
    let { atBorder, last, between } = state
    let at = from
    while (at < text.length) {
      const code = text.codePointAt(at) as number
      const { letters, separates, isLetter, isSpecial } = plainCharacter(code)
      const end = at + (code > 0xffff ? 2 : 1)
      if (isSpecial || this.#mayBegin(letters, atBorder, text, end)) break
      if (separates) {
        atBorder = true
        if (between !== 'others') between = behind(between, text.charAt(at))
      } else if (letters.length > 0) {
        atBorder = !isLetter
        last = letters.at(-1) as string
        between = 'nothing'
      }
      at = end
    }
    if (at === from) return state
    return { ...this.start, length: state.length + at - from, atBorder, last, between }
  }

  /** Whether a form may begin in a character with these letters, behind which the text goes on at `end`. */
  #mayBegin(letters: readonly string[], atBorder: boolean, text: string, end: number): boolean {
    for (const [index, letter] of letters.entries()) {
      const anywhere = this.#trie.next(this.#anywhere, letter)
      const word = index === 0 && atBorder ? this.#trie.next(this.#words, letter) : undefined
      if (anywhere === undefined && word === undefined) continue
      const next = letters[index + 1] ?? letterAt(text, end)
      if (next === undefined || this.#goesOn(anywhere, next) || this.#goesOn(word, next)) return true
    }
    return false
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

  /** Tells each form of a text, in order of their ends, until `told` has heard enough. */
  *telling(text: string, told: (match: FormMatch) => boolean): SlicedWork<void> {
    let state = this.start
    for (const piece of piecesOf(text)) {
      const read = this.read(state, piece)
      if (read.found.some(told)) return
      state = read.state
      yield
    }
    this.atEnd(state).some(told)
  }

  /** Whether one of the forms stands in a text. */
  *standsIn(text: string): SlicedWork<boolean> {
    let stands = false
    yield* this.telling(text, () => {
      stands = true
      return true
    })
    return stands
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
    const { letters, separates, isLetter } = plainCharacter(character.codePointAt(0) as number)
    const length = place.end
    if (separates) {
      found.push(...state.awaitingBorder)
      const { markup, open } = withMarkup(state.markup, state.open, { character, place })
      const between = behind(state.between, character)
      const { last } = state
      return { length, open, atBorder: true, last, between, awaitingBorder: [], markup, escapes: noEscapes }
    }
    if (letters.length === 0) return { ...state, length, escapes: noEscapes }
    const read = this.#withLetters(state, letters, place, found)
    const { open, awaitingBorder, last, between } = read
    const markup = markupBehind(state.markup, character, length)
    // A symbol that is read as a letter, such as a circled one, may as well stand between words
    if (!isLetter) found.push(...state.awaitingBorder)
    return { length, open, atBorder: !isLetter, last, between, awaitingBorder, markup, escapes: noEscapes }
  }

  #withLetters(
    read: ReadLetters,
    letters: readonly string[],
    { start, end }: Span,
    found: FormMatch[],
  ): ReadLetters {
    let { open, atBorder, awaitingBorder, last, between } = read
    let isFirst = true
    for (const letter of letters) {
      const next: OpenMatch[] = []
      for (const match of open) {
        const node = this.#trie.next(match.node, letter)
        if (node === undefined) continue
        // A character may be several letters
        const before = { between, last, letter }
        next.push(isFirst ? followed(match, node, before) : { ...match, node, letters: match.letters + 1 })
      }
      this.#begin(this.#anywhere, letter, { start, next })
      if (atBorder) this.#begin(this.#words, letter, { start, next })
      const going = letter === 's' && !atBorder ? awaitingBorder.flatMap(plural(end)) : []
      open = next.length === 0 ? next : next.filter(({ node }) => this.#trie.goesOn(node))
      for (const match of next) {
        for (const formEnd of this.#trie.ends(match.node)) {
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
    const node = this.#trie.next(root, letter)
    if (node !== undefined) next.push({ node, start, letters: 1, isSpelled: true, breaks: [] })
  }

  /** Whether a form that has come to a node ends there, or goes on with a letter. */
  #goesOn(node: TrieNode | undefined, letter: string): boolean {
    if (node === undefined) return false
    return this.#trie.ends(node).length > 0 || this.#trie.next(node, letter) !== undefined
  }
}

/** The letter that goes on with a word there. */
function letterAt(text: string, at: number): string | undefined {
  const code = text.codePointAt(at)
  return code === undefined ? undefined : plainCharacter(code).letters[0]
}

type ReadLetters = Pick<MatchState, 'open' | 'atBorder' | 'awaitingBorder' | 'last' | 'between'>

/** How many times text is escaped at most where each time all of it was. */
const MOST_NESTED = 3
/** More never are open at a time, but in texts that are made for it. */
const MOST_ESCAPES = 16

/** Characters that nobody sees. */
const UNSEEN = /^[\u00ad\u200b-\u200d\u2060\ufeff]+/
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
