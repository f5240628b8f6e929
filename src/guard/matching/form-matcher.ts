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
/** Characters that a tag may have. */
const MOST_TAG = 200

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

/** How far a text was read. Immutable, so that texts with the same beginning share it. */
export interface MatchState {
  /** UTF-16 units read. */
  readonly length: number
  readonly open: readonly OpenMatch[]
  /** Whether a word may begin here. */
  readonly atBorder: boolean
  /** Whole forms whose word may still go on. */
  readonly awaitingBorder: readonly AwaitingMatch[]
  /** What was open before a tag such as `<b>` that may still end. */
  readonly tag: { readonly open: readonly OpenMatch[]; readonly start: number } | null
}

export interface ReadText {
  readonly state: MatchState
  /** Forms that are known to stand in the text, by the end of each. */
  readonly found: readonly FormMatch[]
}

/**
 * Finds forms in texts that come in pieces. Case, accents, look-alikes, and whatever stands between letters
 * do not count: white space, punctuation, tags. A form of fewer than six letters or digits has to be a word
 * of its own, with an `s` behind it at most; a longer one is found inside words too.
 */
export class FormMatcher {
  readonly #words: TrieNode = newNode()
  readonly #anywhere: TrieNode = newNode()
  readonly start: MatchState = { length: 0, open: [], atBorder: true, awaitingBorder: [], tag: null }

  constructor(forms: readonly string[]) {
    for (const [form, text] of forms.entries()) {
      const letters = skeletonLetters(text)
      if (letters === '') continue
      if ([...letters].length >= LONG_LETTERS) insert(this.#anywhere, letters, { form, needsBorder: false })
      else insert(this.#words, letters, { form, needsBorder: true })
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
    const letters = skeleton(character)
    const length = state.length + character.length
    if (letters === '') return { ...state, length }
    if (letters === SEPARATOR) {
      found.push(...state.awaitingBorder)
      return { ...state, length, atBorder: true, awaitingBorder: [], ...tagged(state, character) }
    }
    let { open, atBorder, awaitingBorder } = state
    for (const letter of letters) {
      const next: OpenMatch[] = []
      const follow = (node: TrieNode, start: number) => {
        const child = node.next.get(letter)
        if (child !== undefined) next.push({ node: child, start })
      }
      for (const { node, start } of open) follow(node, start)
      follow(this.#anywhere, state.length)
      if (atBorder) follow(this.#words, state.length)
      awaitingBorder = letter === 's' && !atBorder ? awaitingBorder.flatMap(plural(length)) : []
      atBorder = false
      open = next.filter(({ node }) => node.next.size > 0)
      for (const { node, start } of next) {
        for (const { form, needsBorder } of node.ends) {
          const match = { form, start, end: length }
          if (needsBorder) awaitingBorder = [...awaitingBorder, match]
          else found.push(match)
        }
      }
    }
    const tag = state.tag !== null && length - state.tag.start > MOST_TAG ? null : state.tag
    return { length, open, atBorder, awaitingBorder, tag }
  }
}

/** The same matches with an `s` that makes them several, which ends at `end`. */
function plural(end: number): (match: AwaitingMatch) => AwaitingMatch[] {
  return (match) => (match.isPlural ? [] : [{ ...match, end, isPlural: true }])
}

/** A tag inside a form leaves open what was. */
function tagged(state: MatchState, character: string): Partial<MatchState> {
  if (character === '<') return { tag: { open: state.open, start: state.length } }
  if (character !== '>' || state.tag === null) return {}
  return { tag: null, open: [...state.tag.open, ...state.open] }
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
