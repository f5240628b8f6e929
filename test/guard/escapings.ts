import fc from 'fast-check'

/** A way to write texts with escapes, and to read them. */
interface Escaping {
  readonly name: string
  readonly write: (text: string) => string
  readonly read: (text: string) => string
}

function bytesOf(text: string): readonly number[] {
  return [...new TextEncoder().encode(text)]
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0')
}

/** Each character that is `chosen` as `rewrite` writes it. */
function characters(chosen: RegExp, rewrite: (character: string) => string) {
  return (text: string) => Array.from(text, (one) => (chosen.test(one) ? rewrite(one) : one)).join('')
}

/** Texts with bytes in the place of characters. */
function readBytes(written: RegExp, base: number) {
  return (text: string) => {
    const bytes = [...text.matchAll(new RegExp(`${written.source}|.`, 'gsu'))].flatMap(([one, byte]) =>
      byte === undefined ? bytesOf(one) : [Number.parseInt(byte, base)],
    )
    return new TextDecoder().decode(Uint8Array.from(bytes))
  }
}

const SPECIAL = /[^A-Za-z0-9 .,]/
const SPACED = /[^A-Za-z0-9.,]/
const EVERY = /./su
const named: Readonly<Record<string, string>> = {
  '&': 'amp',
  '<': 'lt',
  '>': 'gt',
  '"': 'quot',
  ö: 'ouml',
  é: 'eacute',
}

function percent(character: string): string {
  return bytesOf(character)
    .map((byte) => `%${hex(byte, 2).toUpperCase()}`)
    .join('')
}

function units(character: string): string {
  return Array.from({ length: character.length }, (_, at) => `\\u${hex(character.charCodeAt(at), 4)}`).join(
    '',
  )
}

function readHtml(text: string): string {
  const byName = new Map(Object.entries(named).map(([character, name]) => [name, character]))
  return text.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/g, (whole, sixteen, ten, name) => {
    if (name !== undefined) return byName.get(name) ?? whole
    return String.fromCodePoint(Number.parseInt(sixteen ?? ten, sixteen === undefined ? 10 : 16))
  })
}

const escapings: readonly Escaping[] = [
  { name: 'an address', write: characters(SPACED, percent), read: decodeURIComponent },
  { name: 'an address, all of it', write: characters(EVERY, percent), read: decodeURIComponent },
  {
    name: 'JSON',
    write: (text) => JSON.stringify(text).slice(1, -1),
    read: (text) => JSON.parse(`"${text}"`),
  },
  {
    name: 'JSON in ASCII',
    write: (text) => characters(/[^\x20-\x7e]|[&<>]/u, units)(JSON.stringify(text).slice(1, -1)),
    read: (text) => JSON.parse(`"${text}"`),
  },
  { name: 'JSON, all of it', write: characters(EVERY, units), read: (text) => JSON.parse(`"${text}"`) },
  {
    name: 'HTML',
    write: characters(/[&<>"öé]/u, (one) => `&${named[one]};`),
    read: readHtml,
  },
  {
    name: 'HTML, counted',
    write: characters(SPECIAL, (one) => `&#${one.codePointAt(0)};`),
    read: readHtml,
  },
  {
    name: 'HTML, counted by sixteen, all of it',
    write: characters(EVERY, (one) => `&#x${hex(one.codePointAt(0) ?? 0, 1)};`),
    read: readHtml,
  },
  {
    name: 'mail',
    write: characters(/[^\x20-\x3c\x3e-\x7e]/u, (one) =>
      bytesOf(one)
        .map((byte) => `=${hex(byte, 2).toUpperCase()}`)
        .join(''),
    ),
    read: readBytes(/=([\dA-F]{2})/, 16),
  },
  {
    name: 'bytes of source text',
    write: characters(/[^\x20-\x5b\x5d-\x7e]/u, (one) =>
      bytesOf(one)
        .map((byte) => `\\x${hex(byte, 2)}`)
        .join(''),
    ),
    read: readBytes(/\\x([\da-f]{2})/, 16),
  },
  {
    name: 'bytes by eights',
    write: characters(/[^\x20-\x5b\x5d-\x7e]/u, (one) =>
      bytesOf(one)
        .map((byte) => `\\${byte.toString(8).padStart(3, '0')}`)
        .join(''),
    ),
    read: readBytes(/\\([0-3][0-7]{2})/, 8),
  },
]

/** One way, or one in another: the first is the inner one. */
export const nestedEscapings = fc.array(fc.constantFrom(...escapings), { minLength: 1, maxLength: 2 }).map(
  (nested): Escaping => ({
    name: nested.map(({ name }) => name).join(' in '),
    write: (text) => nested.reduce((written, { write }) => write(written), text),
    read: (text) => nested.reduceRight((read, one) => one.read(read), text),
  }),
)
