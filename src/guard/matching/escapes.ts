import { decodeHTMLStrict } from 'entities'

const ESCAPE_CHARACTER = '\x1b'
/** Characters with which an escape begins. */
const beginnings = new Set(['&', '%', '\\', ESCAPE_CHARACTER])

interface EscapeKind {
  readonly whole: RegExp
  /** Every beginning of a whole one. */
  readonly part: RegExp
  /** What a whole one says; null where it says nothing yet. */
  readonly says: (written: string) => string | null
}

const kinds: readonly EscapeKind[] = [
  // HTML: &uuml; &#252; &#xfc;
  {
    whole: /^&(?:#\d{1,12}|#x[\da-f]{1,12}|[a-z][a-z\d]{1,31});$/i,
    part: /^&(?:#?|#\d{1,12}|#x[\da-f]{0,12}|[a-z][a-z\d]{0,31})$/i,
    says: (written) => decodeHTMLStrict(written),
  },
  // Addresses: %C3%BC
  {
    whole: /^(?:%[\da-f]{2}){1,4}$/i,
    part: /^(?:%[\da-f]{2}){0,3}%[\da-f]?$/i,
    says: percentDecoded,
  },
  // JSON and source text: \u00fc \xfc \n, and \ud842\udfb7 for a character of two units
  {
    whole: /^\\(?:u[\da-f]{4}(?:\\u[\da-f]{4})?|u\{[\da-f]{1,6}\}|x[\da-f]{2}|[bfnrtv0])$/i,
    part: /^\\(?:u[\da-f]{0,3}|ud[89ab][\da-f]{2}(?:\\(?:u[\da-f]{0,3})?)?|u\{[\da-f]{0,6}|x[\da-f]?)?$/i,
    says: unescaped,
  },
  // Colours of a terminal
  {
    whole: new RegExp(`^${ESCAPE_CHARACTER}\\[[\\d;?]{0,20}[a-z]$`, 'i'),
    part: new RegExp(`^${ESCAPE_CHARACTER}(?:\\[[\\d;?]{0,20})?$`),
    says: () => ' ',
  },
]

export function beginsEscape(character: string): boolean {
  return beginnings.has(character)
}

/** What an escape says once it is whole; null before, and undefined for what can become none. */
export function escapeSays(written: string): string | null | undefined {
  for (const { whole, part, says } of kinds) {
    if (whole.test(written)) return says(written)
    if (part.test(written)) return null
  }
  return undefined
}

function percentDecoded(written: string): string | null {
  try {
    return decodeURIComponent(written)
  } catch {
    // More bytes of the character follow
    return null
  }
}

function unescaped(written: string): string | null {
  if (/^\\ud[89ab][\da-f]{2}$/i.test(written)) return null
  const units = [...written.matchAll(/\\u([\da-f]{4})/gi)].map(([, hex = '']) => Number.parseInt(hex, 16))
  if (units.length > 0) return String.fromCharCode(...units)
  return codeOf(/^\\[ux]\{?([\da-f]+)/i.exec(written)?.[1]) ?? ' '
}

function codeOf(hex: string | undefined): string | null {
  const code = hex === undefined ? Number.NaN : Number.parseInt(hex, 16)
  return code <= 0x10ffff ? String.fromCodePoint(code) : null
}
