import { beginsEscape, escapeSays } from './escapes.ts'
import { SEPARATOR, skeleton, skeletonLetters } from './skeleton.ts'

/** Where a form stands in a text, in UTF-16 units. */
export interface FormMatch {
  /** Index of the form. */
  readonly form: number
  readonly start: number
  readonly end: number
}

/** Letters from which on a form also counts inside a longer word. */
const LONG_LETTERS = 6
/** Scripts that put no space between words, or endings of all kinds behind them. */
const WITHOUT_SPACES =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
/** What begins and ends markup inside a text, such as `<b>` and `](link)`, and how long it may be. */
const markups = [
  { begins: '<', second: null, ends: '>', most: 200 },
  { begins: ']', second: '(', ends: ')', most: 200 },
] as const
/** Letters that some write as two. */
const digraphs: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', ø: 'oe', å: 'aa', æ: 'ae' }

interface TrieNode {
  readonly next: Map<string, TrieNode>
  /** Forms that end here. */
  readonly ends: { readonly form: number; readonly needsBorder: boolean }[]
}

interface OpenMatch {
  readonly node: TrieNode
  readonly start: number
}

interface AwaitingMatch extends FormMatch {
  readonly isPlural?: true
}

interface OpenMarkup {
  readonly kind: (typeof markups)[number]
  readonly open: readonly OpenMatch[]
  readonly start: number
}

interface OpenEscape {
  readonly written: string
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
  /** Whole forms whose word may still go on. */
  readonly awaitingBorder: readonly AwaitingMatch[]
  /** What was open before markup that may still end. */
  readonly markup: OpenMarkup | null
  /** What was open before characters that may say another one, such as `&uuml;`. */
  readonly escape: OpenEscape | null
}

export interface ReadText {
  readonly state: MatchState
  /** Forms that are known to stand in the text, by the end of each. */
  readonly found: readonly FormMatch[]
}

/**
 * Finds forms in texts that come in pieces. Case, accents, look-alikes, and whatever stands between letters
 * do not count: white space, punctuation, tags. An escape, such as `&uuml;`, counts as what it says. A form
 * of fewer than six letters or digits has to be a word of its own, with an `s` behind it at most; a longer
 * one is found inside words too, and so is one of a script that puts no spaces between words.
 */
export class FormMatcher {
  readonly #words: TrieNode = newNode()
  readonly #anywhere: TrieNode = newNode()
  readonly start: MatchState = {
    length: 0,
    open: [],
    atBorder: true,
    awaitingBorder: [],
    markup: null,
    escape: null,
  }

  constructor(forms: readonly string[]) {
    for (const [form, text] of forms.entries()) {
      const isAnywhere = [...skeletonLetters(text)].length >= LONG_LETTERS || WITHOUT_SPACES.test(text)
      for (const letters of spellings(text)) {
        if (isAnywhere) insert(this.#anywhere, letters, { form, needsBorder: false })
        else insert(this.#words, letters, { form, needsBorder: true })
      }
    }
  }

  /** Reads on. `text` holds whole characters. */
  read(state: MatchState, text: string): ReadText {
    const found: FormMatch[] = []
    let now = state
    for (const character of text) now = this.#step(now, character, found)
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

  #step(state: MatchState, character: string, found: FormMatch[]): MatchState {
    const read = this.#asWritten(state, character, found)
    if (state.escape === null && !beginsEscape(character)) return read
    if (state.escape !== null) {
      const { before } = state.escape
      const written = state.escape.written + character
      const says = escapeSays(written)
      if (says === null) return { ...read, escape: { written, before } }
      if (says !== undefined) return this.#asSaid(read, { before, says }, found)
    }
    if (!beginsEscape(character)) return read
    return { ...read, escape: { written: character, before: { ...state, escape: null } } }
  }

  #asWritten(state: MatchState, character: string, found: FormMatch[]): MatchState {
    const letters = skeleton(character)
    const length = state.length + character.length
    const next = { ...state, length, escape: null }
    if (letters === '') return next
    if (letters === SEPARATOR) {
      found.push(...state.awaitingBorder)
      return { ...next, atBorder: true, awaitingBorder: [], ...marked(state, character) }
    }
    const { markup } = state
    const isOver = markup !== null && !goesOn(markup, character, length)
    const span = { start: state.length, end: length }
    const read = {
      ...next,
      ...this.#withLetters(state, letters, span, found),
      markup: isOver ? null : markup,
    }
    if (LETTER.test(character)) return read
    // A symbol that is read as a letter, such as a circled one, may as well stand between words
    found.push(...state.awaitingBorder)
    return { ...read, atBorder: true }
  }

  /** Reads an escape a second time, as what it says: matches may go on both ways. */
  #asSaid(read: MatchState, { before, says }: { before: MatchState; says: string }, found: FormMatch[]) {
    const span = { start: before.length, end: read.length }
    let said: Pick<MatchState, 'open' | 'atBorder' | 'awaitingBorder'> = { ...before, awaitingBorder: [] }
    for (const character of says) {
      const letters = skeleton(character)
      if (letters === '') continue
      if (letters !== SEPARATOR) said = this.#withLetters(said, letters, span, found)
      else {
        found.push(...said.awaitingBorder)
        said = { open: said.open, atBorder: true, awaitingBorder: [] }
      }
    }
    return {
      ...read,
      open: [...read.open, ...said.open],
      atBorder: read.atBorder || said.atBorder,
      awaitingBorder: [...read.awaitingBorder, ...said.awaitingBorder],
    }
  }

  #withLetters(
    { open, atBorder, awaitingBorder }: Pick<MatchState, 'open' | 'atBorder' | 'awaitingBorder'>,
    letters: string,
    { start, end }: Span,
    found: FormMatch[],
  ): Pick<MatchState, 'open' | 'atBorder' | 'awaitingBorder'> {
    for (const letter of letters) {
      const next: OpenMatch[] = []
      const follow = (node: TrieNode, from: number) => {
        const child = node.next.get(letter)
        if (child !== undefined) next.push({ node: child, start: from })
      }
      for (const { node, start: from } of open) follow(node, from)
      follow(this.#anywhere, start)
      if (atBorder) follow(this.#words, start)
      awaitingBorder = letter === 's' && !atBorder ? awaitingBorder.flatMap(plural(end)) : []
      atBorder = false
      open = next.filter(({ node }) => node.next.size > 0)
      for (const { node, start: from } of next) {
        for (const { form, needsBorder } of node.ends) {
          const match = { form, start: from, end }
          if (needsBorder) awaitingBorder = [...awaitingBorder, match]
          else found.push(match)
        }
      }
    }
    return { open, atBorder, awaitingBorder }
  }
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

/** Markup inside a form leaves open what was. */
function marked({ markup, open, length }: MatchState, character: string): Partial<MatchState> {
  const kind = markups.find(({ begins }) => begins === character)
  // A bracket inside a tag is part of that
  if (kind !== undefined && (markup === null || kind.begins === '<')) {
    return { markup: { kind, open, start: length } }
  }
  if (markup === null) return {}
  if (!goesOn(markup, character, length + character.length)) return { markup: null }
  if (character !== markup.kind.ends) return {}
  return { markup: null, open: [...markup.open, ...open] }
}

/** Whether markup may go on with a character that ends at `length`. */
function goesOn({ kind, start }: OpenMarkup, character: string, length: number): boolean {
  const isSecond = length === start + kind.begins.length + character.length
  return length - start <= kind.most && (!isSecond || kind.second === null || kind.second === character)
}

/** The letters of a form, in one or two ways to write them. */
function spellings(form: string): string[] {
  const spelled = form
    .normalize('NFC')
    .toLowerCase()
    .replace(/[äöüøåæ]/g, (letter) => digraphs[letter] ?? letter)
  return [...new Set([form, spelled].map(skeletonLetters))].filter((letters) => letters !== '')
}

function newNode(): TrieNode {
  return { next: new Map(), ends: [] }
}

function insert(root: TrieNode, letters: string, end: TrieNode['ends'][number]): void {
  let node = root
  for (const letter of letters) {
    const next = node.next.get(letter) ?? newNode()
    node.next.set(letter, next)
    node = next
  }
  node.ends.push(end)
}
