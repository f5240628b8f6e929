import type { TokenSide } from '../../../src/steer/alignment/vocabulary-alignment.ts'
import { type TokenId, tokenId } from '../../../src/steer/token-id.ts'

const SIZE = 1_024
const encoder = new TextEncoder()

/** A vocabulary in which any run of bytes is a token, beside the control tokens that it is given. */
export class CutVocabulary {
  readonly side: TokenSide
  readonly #controls: readonly string[]
  readonly #bytes: Uint8Array[]
  readonly #ids = new Map<string, TokenId>()

  constructor(controls: readonly string[]) {
    this.#controls = [...controls].sort((a, b) => b.length - a.length)
    this.#bytes = this.#controls.map(() => new Uint8Array())
    this.side = {
      vocabulary: {
        size: SIZE,
        fingerprint: JSON.stringify(controls),
        bytes: (token) => this.#bytes[token] ?? new Uint8Array(),
        endTokens: new Set(),
      },
      controlTokens: new Map(this.#controls.map((text, id) => [tokenId(id), text])),
    }
  }

  /** The token of a control text, or of any other text's bytes. */
  token(text: string): TokenId {
    const control = this.#controls.indexOf(text)
    return control === -1 ? this.#tokenOf(encoder.encode(text)) : tokenId(control)
  }

  /**
   * A text in tokens: its control texts, and what is between them cut where `isCut` says so, byte by byte.
   */
  tokens(text: string, isCut: (byte: number) => boolean): TokenId[] {
    const tokens: TokenId[] = []
    let byte = 0
    for (const piece of this.#pieces(text)) {
      if (this.#controls.includes(piece)) {
        tokens.push(this.token(piece))
        continue
      }
      const bytes = encoder.encode(piece)
      let start = 0
      for (let end = 1; end <= bytes.length; end++) {
        byte++
        if (end < bytes.length && !isCut(byte)) continue
        tokens.push(this.#tokenOf(bytes.slice(start, end)))
        start = end
      }
    }
    return tokens
  }

  #pieces(text: string): string[] {
    if (this.#controls.length === 0) return [text]
    const pattern = this.#controls.map((control) => control.replace(/[|[\]\\]/g, '\\$&')).join('|')
    return text.split(new RegExp(`(${pattern})`)).filter((piece) => piece !== '')
  }

  #tokenOf(bytes: Uint8Array): TokenId {
    const key = bytes.join(' ')
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    const id = tokenId(this.#bytes.push(bytes) - 1)
    if (id >= SIZE) throw new RangeError('the vocabulary is full')
    this.#ids.set(key, id)
    return id
  }
}
