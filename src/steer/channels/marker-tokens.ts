import type { TokenSide } from '../alignment/vocabulary-alignment.ts'
import { type TokenId, tokenId } from '../token-id.ts'

const encoder = new TextEncoder()

/** UTF-8, one character for each byte: what tokens are compared in, since they may cut characters. */
export function byteString(text: string): string {
  return stringOf(encoder.encode(text))
}

/** The bytes of a byte string. */
export function bytesOf(byteText: string): Uint8Array {
  const bytes = new Uint8Array(byteText.length)
  for (let i = 0; i < byteText.length; i++) bytes[i] = byteText.charCodeAt(i)
  return bytes
}

function stringOf(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}

/** A model's tokens as byte strings, control tokens as what they are written as. */
export class MarkerTokens {
  readonly #side: TokenSide

  constructor(side: TokenSide) {
    this.#side = side
  }

  get vocabularySize(): number {
    return this.#side.vocabulary.size
  }

  /** A token's own bytes: none for a control token. */
  bytes(token: TokenId): string {
    return stringOf(this.#side.vocabulary.bytes(token))
  }

  /** What a control token is written as; its bytes for any other. */
  written(token: TokenId): string {
    const control = this.#side.controlTokens.get(token)
    return control === undefined ? this.bytes(token) : byteString(control)
  }

  /** Of `markers`, those that are one token. Goes over the whole vocabulary once. */
  find(markers: Iterable<string>): Map<string, TokenId> {
    const wanted = new Map(Array.from(markers, (marker) => [byteString(marker), marker]))
    const lengths = new Set(Array.from(wanted.keys(), (bytes) => bytes.length))
    const found = new Map<string, TokenId>()
    const { vocabulary, controlTokens } = this.#side
    const take = (bytes: string, token: TokenId): void => {
      const marker = wanted.get(bytes)
      if (marker !== undefined) found.set(marker, token)
    }
    for (let id = 0; id < vocabulary.size; id++) {
      const bytes = vocabulary.bytes(tokenId(id))
      if (lengths.has(bytes.length)) take(stringOf(bytes), tokenId(id))
    }
    for (const [token, text] of controlTokens) take(byteString(text), token)
    return found
  }

  /** Control tokens that one of `texts` is partly made of, with what they are written as. */
  controlsWithin(texts: readonly string[]): Map<TokenId, string> {
    const isWithin = (text: string) => texts.some((whole) => whole !== text && whole.includes(text))
    return new Map(Array.from(this.#side.controlTokens).filter(([, text]) => isWithin(text)))
  }
}
