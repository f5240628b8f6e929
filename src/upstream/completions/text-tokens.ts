import type { ControlTokens } from '../../slm/text/control-tokens.ts'
import { type TokenId, tokenId } from '../../steer/token-id.ts'
import type { Vocabulary } from '../../steer/vocabulary.ts'

/** A token as a completions server names it. */
export interface NamedToken {
  readonly text: string
  /** Its own bytes, where the server tells them. */
  readonly bytes?: readonly number[] | null | undefined
  /** Its id there, where the server tells it. */
  readonly id?: number | null | undefined
}

const AMBIGUOUS = -1

/** Finds the token that a text or a byte string names, where there is exactly one. */
export class TextTokens {
  readonly #byBytes = new Map<string, number>()
  readonly #byControl = new Map<string, TokenId>()
  readonly #vocabulary: Vocabulary
  readonly #controlTokens: ControlTokens
  readonly #endToken: TokenId | null
  /** Whether the server's ids are these tokens, whatever else it names them by. */
  believesIds = false

  /** Goes over the whole vocabulary once: tens of milliseconds for 150,000 tokens. */
  constructor(vocabulary: Vocabulary, controlTokens: ControlTokens) {
    this.#vocabulary = vocabulary
    this.#controlTokens = controlTokens
    for (let id = 0; id < vocabulary.size; id++) {
      const bytes = vocabulary.bytes(tokenId(id))
      if (bytes.length === 0) continue
      const key = Buffer.from(bytes).toString('latin1')
      this.#byBytes.set(key, this.#byBytes.has(key) ? AMBIGUOUS : id)
    }
    for (const [id, text] of controlTokens) this.#byControl.set(text, id)
    this.#endToken = [...vocabulary.endTokens].find((id) => controlTokens.has(id)) ?? null
  }

  /**
   * Null when the name fits no token, or several: tokens inside a character all read U+FFFD as text, like the
   * token of that character itself. Most
   * servers write control tokens as an empty text, and the one that comes behind an answer's text is its end
   * token.
   */
  find({ text, bytes, id }: NamedToken): TokenId | null {
    if (id !== null && id !== undefined && this.#isNamed(id, bytes)) return tokenId(id)
    const control = this.#byControl.get(text)
    if (control !== undefined) return control
    if (text === '' && (bytes === null || bytes === undefined || bytes.length === 0)) return this.#endToken
    if ((bytes === null || bytes === undefined) && text.includes('\ufffd')) return null
    const buffer = bytes === null || bytes === undefined ? Buffer.from(text, 'utf8') : Buffer.from(bytes)
    const found = this.#byBytes.get(buffer.toString('latin1'))
    return found === undefined || found === AMBIGUOUS ? null : tokenId(found)
  }

  /** Whether the id is the same token here: spelled so, or a control token, which has no bytes. */
  #isNamed(id: number, bytes: readonly number[] | null | undefined): boolean {
    if (!Number.isInteger(id) || id < 0 || id >= this.#vocabulary.size) return false
    if (this.believesIds) return true
    if (this.#controlTokens.has(tokenId(id))) return true
    const own = this.#vocabulary.bytes(tokenId(id))
    return (
      bytes !== null && bytes !== undefined && own.length > 0 && Buffer.from(own).equals(Buffer.from(bytes))
    )
  }
}
