import { beginsEscape, readEscape } from './escapes.ts'

/** A character that a text says, and as what it is written there. */
interface SaidCharacter {
  readonly says: string
  readonly written: string
}

/** How many times a text is read; each time its escapes become fewer. */
const MOST_NESTED = 4

/** What a text says behind its escapes, and those that they say, character by character. */
export function saidCharacters(text: string): readonly SaidCharacter[] {
  let said: readonly SaidCharacter[] = Array.from(text, (character) => ({
    says: character,
    written: character,
  }))
  for (let nested = 0; nested < MOST_NESTED; nested++) said = withoutEscapes(said)
  return said
}

/** The same with each escape as what it says, which may be part of others. */
function withoutEscapes(characters: readonly SaidCharacter[]): SaidCharacter[] {
  const said: SaidCharacter[] = []
  for (let at = 0; at < characters.length; ) {
    const { says, length } = escapeAt(characters, at)
    const written = characters.slice(at, at + length).map((one) => one.written)
    for (const [index, one] of [...says].entries()) {
      said.push({ says: one, written: index === 0 ? written.join('') : '' })
    }
    at += length
  }
  return said
}

/** The longest escape there, or the character itself. */
function escapeAt(characters: readonly SaidCharacter[], at: number): { says: string; length: number } {
  const first = characters[at]?.says ?? ''
  let found = { says: first, length: 1 }
  if (!beginsEscape(first)) return found
  let written = first
  for (let length = 2; at + length <= characters.length; length++) {
    written += characters[at + length - 1]?.says ?? ''
    const { says, goesOn } = readEscape(written)
    if (says !== null) found = { says, length }
    if (!goesOn) break
  }
  return found
}
