// Matching: where private forms stand in a text, whatever they are written in. This room owns what counts as
// the same text. It must not know aliases, tokens or profiles.

import unhomoglyph from 'unhomoglyph'

/** What separates words, in a skeleton. */
export const SEPARATOR = ' '

/** Letters that show nothing, such as Hangul's fillers, are among the last. */
const IGNORED = /^[\p{M}\p{Cf}\p{Default_Ignorable_Code_Point}]$/u
const WRITTEN = /^[\p{L}\p{N}]$/u
const DIGIT = /^\p{Nd}$/u
const ASCII_LETTERS = /^[A-Za-z]+$/
/** Texts in which each character is as it is written, and nobody writes a letter as two. */
export const ASCII = /^[\x20-\x7e]*$/
const NO_ASCII_LETTERS = /[^A-Za-z0-9]+/g
/** Capitals as small as lower-case letters, by the letter that each is. */
const smallCapitals = new Map(
  Array.from('ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ', (small, at) => [small, 'abcdefghijklmnopqrstuvwyz'[at] ?? '']),
)
/** White letters in black circles and squares, each row from A on. */
const whiteLetterRows = [0x1f150, 0x1f170]

const known = new Map<string, string>()

/**
 * What of a character counts for matching: its letters and digits without case, accents and look-alikes;
 * nothing for characters that are not seen, such as zero-width ones; `SEPARATOR` for all others.
 */
export function skeleton(character: string): string {
  const seen = known.get(character)
  if (seen !== undefined) return seen
  const made = makeSkeleton(character)
  if (known.size < MOST_KNOWN) known.set(character, made)
  return made
}

const MOST_KNOWN = 20_000

function makeSkeleton(character: string): string {
  let letters = ''
  let separates = false
  for (const part of character.normalize('NFKD')) {
    if (IGNORED.test(part)) continue
    const white = whiteLetter(part)
    if (white !== null) letters += white
    else if (WRITTEN.test(part)) letters += foldedLetter(part)
    else separates = true
  }
  if (letters !== '') return letters
  return separates ? SEPARATOR : ''
}

/**
 * Upper-case letters are more alike across scripts than lower-case ones, so that they decide: Cyrillic `Н`
 * reads as `h`, and so does `н`.
 */
function foldedLetter(letter: string): string {
  if (DIGIT.test(letter)) return digitValue(letter)
  if (letter <= '\x7f') return letter.toLowerCase()
  const small = smallCapitals.get(letter)
  if (small !== undefined) return small
  // A capital sharp s has two capitals only by way of the small one
  const upper = letter.toLowerCase().toUpperCase()
  if (ASCII_LETTERS.test(upper)) return upper.toLowerCase()
  for (const form of [upper, letter.toLowerCase()]) {
    const alike = unhomoglyph(form).normalize('NFKD').replace(/\p{M}/gu, '')
    // What looks like an I is said to look like an l
    if (form === upper && alike === 'l') return 'i'
    if (ASCII_LETTERS.test(alike)) return alike.toLowerCase()
  }
  return upper.toLowerCase()
}

function whiteLetter(symbol: string): string | null {
  const code = symbol.codePointAt(0) ?? 0
  const first = whiteLetterRows.find((row) => code >= row && code < row + 26)
  return first === undefined ? null : String.fromCharCode(0x61 + code - first)
}

/** Digits of a script stand in a row, from zero on. */
function digitValue(digit: string): string {
  const code = digit.codePointAt(0) ?? 0
  let value = 0
  while (value < 9 && DIGIT.test(String.fromCodePoint(code - value - 1))) value++
  return String(value)
}

/** The letters and digits of a text. */
export function skeletonLetters(text: string): string {
  if (ASCII.test(text)) return text.replace(NO_ASCII_LETTERS, '').toLowerCase()
  let letters = ''
  for (const character of text) letters += skeleton(character)
  return letters.replaceAll(SEPARATOR, '')
}
