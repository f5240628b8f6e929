import { modelFileInvalid } from '../model-file-invalid.ts'
import { isControlToken, type TokenizerJson, type TokenizerSource } from './tokenizer-source.ts'

/**
 * The byte that each character of a byte-level token stands for: printable Latin-1 is
 * itself, the rest is shifted up.
 */
export const byteOfCharacter: ReadonlyMap<string, number> = (() => {
  const printable = (byte: number) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174
  const bytes = new Map<string, number>()
  let shifted = 256
  for (let byte = 0; byte < 256; byte++) {
    bytes.set(String.fromCharCode(printable(byte) ? byte : shifted++), byte)
  }
  return bytes
})()

const encoder = new TextEncoder()
const nothing = new Uint8Array(0)
const BYTE_TOKEN = /^<0x([0-9A-Fa-f]{2})>$/

function byteLevelBytes(token: string): Uint8Array {
  const bytes = new Uint8Array(token.length)
  for (let i = 0; i < token.length; i++) {
    const byte = byteOfCharacter.get(token[i] as string)
    // Not in the alphabet: an added token that the file does not list as one
    if (byte === undefined) return encoder.encode(token)
    bytes[i] = byte
  }
  return bytes
}

function sentencePieceBytes(token: string): Uint8Array {
  const byte = BYTE_TOKEN.exec(token)?.[1]
  if (byte !== undefined) return Uint8Array.of(Number.parseInt(byte, 16))
  return encoder.encode(token.replaceAll('\u2581', ' '))
}

function holdsType(part: unknown, type: string): boolean {
  if (typeof part !== 'object' || part === null) return false
  if ('type' in part && part.type === type) return true
  return Object.values(part).some((inner) =>
    Array.isArray(inner) ? inner.some((item) => holdsType(item, type)) : false,
  )
}

function bytesOf({ origin }: TokenizerSource, { decoder, pre_tokenizer, model }: TokenizerJson) {
  if (holdsType(decoder, 'ByteLevel') || holdsType(pre_tokenizer, 'ByteLevel')) return byteLevelBytes
  const sentencePiece =
    model.byte_fallback || holdsType(decoder, 'Metaspace') || holdsType(pre_tokenizer, 'Metaspace')
  if (sentencePiece) return sentencePieceBytes
  throw modelFileInvalid(
    origin,
    'its tokens do not map to bytes. Take a model with byte-level or SentencePiece tokens.',
  )
}

/** The exact bytes of every token, by id; empty for control and unused tokens, and for ids that are none. */
export function tokenByteTable(
  source: TokenizerSource,
  strings: readonly (string | undefined)[],
): (id: number) => Uint8Array {
  const ordinary = bytesOf(source, source.tokenizerJson)
  const table = Array.from(strings, (token) => (token === undefined ? nothing : ordinary(token)))
  for (const token of source.tokenizerJson.added_tokens) {
    table[token.id] = isControlToken(token) ? nothing : encoder.encode(token.content)
  }
  return inOneStretch(table)
}

/** An array of its own for each would take 200 bytes a token. */
function inOneStretch(table: readonly Uint8Array[]): (id: number) => Uint8Array {
  const ends = new Uint32Array(table.length)
  let end = 0
  for (const [id, bytes] of table.entries()) ends[id] = end += bytes.length
  const all = new Uint8Array(end)
  for (const [id, bytes] of table.entries()) all.set(bytes, (ends[id] ?? 0) - bytes.length)
  return (id) => {
    const own = ends[id]
    return own === undefined ? nothing : all.subarray(ends[id - 1] ?? 0, own)
  }
}
