import { beginsEscape } from './escapes.ts'
import { beginsMarkup } from './markup.ts'
import { SEPARATOR, skeleton } from './skeleton.ts'

/** What a character is to a matcher in which nothing is open. */
export interface PlainCharacter {
  /** Its letters without case, accents and look-alikes; none for what is not seen or separates. */
  readonly letters: readonly string[]
  /** Whether it stands between words. */
  readonly separates: boolean
  /** Whether it is a letter, a digit or a mark itself, rather than a symbol that is read as one. */
  readonly isLetter: boolean
  /** Whether an escape or markup may begin with it, so that it may be more than it looks. */
  readonly isSpecial: boolean
}

const LETTER = /[\p{L}\p{M}\p{N}]/u
/** All characters of a language; more are looked at each time. */
const MOST_KNOWN = 20_000

const known = new Map<number, PlainCharacter>()

export function plainCharacter(codePoint: number): PlainCharacter {
  const seen = known.get(codePoint)
  if (seen !== undefined) return seen
  const character = String.fromCodePoint(codePoint)
  const read = skeleton(character)
  const made = {
    letters: read === SEPARATOR ? [] : [...read],
    separates: read === SEPARATOR,
    isLetter: LETTER.test(character),
    isSpecial: beginsEscape(character) || beginsMarkup(character),
  }
  if (known.size < MOST_KNOWN) known.set(codePoint, made)
  return made
}
