import { decodeHTMLStrict } from 'entities'

const ESCAPE_CHARACTER = '\x1b'
/** Characters with which an escape begins. */
const beginnings = new Set(['&', '%', '=', '\\', ESCAPE_CHARACTER])

/** What the beginning of an escape is. */
export interface ReadEscape {
  /** What it says as it stands; null where it says nothing yet. Shorter than what was read. */
  readonly says: string | null
  /** Whether more characters may make another one of it. */
  readonly goesOn: boolean
}

const none: ReadEscape = { says: null, goesOn: false }

/** Whether an escape begins with a character behind those that are open. */
export function beginsEscape(character: string): boolean {
  return beginnings.has(character)
}

/** Reads what may be an escape: of HTML, addresses, JSON and source text, mail, or a terminal. */
export function readEscape(written: string): ReadEscape {
  switch (written[0]) {
    case '&':
      return readHtml(written)
    case '%':
    case '=':
      return readBytes(written)
    case '\\':
      return readBackslash(written)
    case ESCAPE_CHARACTER:
      return readColour(written)
    default:
      return none
  }
}

/** JSON doubles each backslash of what is written in it. */
const BACKSLASHES = /^\\{1,8}$/
const BEGUN = /^\\{1,8}(?=[xuU0-7nrtbfv])/

function readBackslash(written: string): ReadEscape {
  if (BACKSLASHES.test(written)) return { says: null, goesOn: true }
  if (!BEGUN.test(written)) return none
  const once = written.replace(BEGUN, '\\')
  const bytes = readBytes(once)
  const units = readUnits(once)
  return { says: bytes.says ?? units.says, goesOn: bytes.goesOn || units.goesOn }
}

const HTML = /^&(?:#\d{1,12}|#x[\da-f]{1,12}|[a-z][a-z\d]{1,31});$/i
const HTML_BEGINS = /^&(?:#?|#\d{1,12}|#x[\da-f]{0,12}|[a-z][a-z\d]{0,31})$/i

/** `&uuml;` `&#252;` `&#xfc;` */
function readHtml(written: string): ReadEscape {
  if (!HTML.test(written)) return { says: null, goesOn: HTML_BEGINS.test(written) }
  const says = decodeHTMLStrict(written)
  return { says: says === written ? null : says, goesOn: false }
}

/** A byte in addresses, mail and source text, there by eights too; `next`: behind others of a character. */
const byteKinds = [
  { first: /^%([\da-f]{2})/i, next: /^%([\da-f]{2})/i, begins: /^%[\da-f]?$/i, base: 16 },
  { first: /^=([\da-f]{2})/i, next: /^=([\da-f]{2})/i, begins: /^=[\da-f]?$/i, base: 16 },
  {
    first: /^\\x([\da-f]{2})/i,
    next: /^\\{1,8}x([\da-f]{2})/i,
    begins: /^\\{1,8}(?:x[\da-f]?)?$/i,
    base: 16,
  },
  {
    first: /^\\([0-3][0-7]{2})/,
    next: /^\\{1,8}([0-3][0-7]{2})/,
    begins: /^\\{1,8}(?:[0-3][0-7]?)?$/,
    base: 8,
  },
] as const
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** `%C3%BC` `=C3=BC` `\xc3\xbc` `\303\274`, and `%FC` of who writes a character as one byte. */
function readBytes(written: string): ReadEscape {
  const kind = byteKinds.find(({ first }) => first.test(written))
  if (kind === undefined) return { says: null, goesOn: byteKinds.some(({ begins }) => begins.test(written)) }
  const bytes: number[] = []
  let rest = written
  for (let byte = kind.first.exec(rest); byte !== null; byte = kind.next.exec(rest)) {
    bytes.push(Number.parseInt(byte[1] ?? '', kind.base))
    rest = rest.slice(byte[0].length)
  }
  const [first = 0, ...following] = bytes
  const length = characterLength(first)
  if (bytes.length > Math.max(1, length) || following.some((byte) => byte < 0x80 || byte > 0xbf)) return none
  const goesOn = bytes.length < length
  if (rest !== '') return { says: null, goesOn: goesOn && kind.begins.test(rest) }
  if (bytes.length === 1) return { says: String.fromCharCode(first), goesOn }
  return { says: goesOn ? null : decodedBytes(bytes), goesOn }
}

/** Bytes of the character that begins with a byte; 0 where none does. */
function characterLength(first: number): number {
  if (first < 0x80) return 1
  if (first < 0xc2 || first > 0xf4) return 0
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
}

function decodedBytes(bytes: readonly number[]): string | null {
  try {
    return utf8.decode(Uint8Array.from(bytes))
  } catch {
    return null
  }
}

const letterEscapes: ReadonlyMap<string, string> = new Map([
  ['\\n', '\n'],
  ['\\r', '\r'],
  ['\\t', '\t'],
  ['\\b', '\b'],
  ['\\f', '\f'],
  ['\\v', '\v'],
  ['\\0', '\0'],
])
const CODE = /^\\(?:u([\da-fA-F]{4})|u\{([\da-fA-F]{1,6})\}|U([\da-fA-F]{8}))$/
const CODE_BEGINS = /^\\(?:u[\da-fA-F]{0,3}|u\{[\da-fA-F]{0,6}|U[\da-fA-F]{0,7})?$/
const PAIR = /^\\u(d[89ab][\da-f]{2})\\{1,8}u(d[c-f][\da-f]{2})$/i
const PAIR_BEGINS = /^\\ud[89ab][\da-f]{2}(?:\\{1,8}(?:u(?:d(?:[c-f][\da-f]{0,2})?)?)?)?$/i

/** `\u00fc` `\u{fc}` `\U000000fc` `\n`, and `\ud842\udfb7` for a character of two units. */
function readUnits(written: string): ReadEscape {
  const letter = letterEscapes.get(written)
  if (letter !== undefined) return { says: letter, goesOn: false }
  const [, high, low] = PAIR.exec(written) ?? []
  if (high !== undefined && low !== undefined) return { says: ofUnits(high, low), goesOn: false }
  if (PAIR_BEGINS.test(written)) return { says: null, goesOn: true }
  const [, four, braced, eight] = CODE.exec(written) ?? []
  const hex = four ?? braced ?? eight
  if (hex === undefined) return { says: null, goesOn: CODE_BEGINS.test(written) }
  const code = Number.parseInt(hex, 16)
  return { says: code <= 0x10ffff ? String.fromCodePoint(code) : null, goesOn: false }
}

function ofUnits(...units: readonly string[]): string {
  return String.fromCharCode(...units.map((hex) => Number.parseInt(hex, 16)))
}

const colour = new RegExp(`^${ESCAPE_CHARACTER}\\[[\\d;?]{0,20}[a-z]$`, 'i')
const colourBegins = new RegExp(`^${ESCAPE_CHARACTER}(?:\\[[\\d;?]{0,20})?$`)

/** The colours of a terminal, which are no text. */
function readColour(written: string): ReadEscape {
  if (colour.test(written)) return { says: '\0', goesOn: false }
  return { says: null, goesOn: colourBegins.test(written) }
}
