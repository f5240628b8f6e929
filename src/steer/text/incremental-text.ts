// Text: from tokens to what may be shown. This room owns whole characters and stop strings. It must not know
// models or how tokens were chosen.

import type { TokenId } from '../token-id.ts'
import type { Vocabulary } from '../vocabulary.ts'

/**
 * Turns tokens into text that only ever grows by whole UTF-8 characters: bytes of an
 * unfinished character wait for the next token. Bytes that can never become a character
 * are replaced by U+FFFD, as everywhere on the web.
 */
export class IncrementalText {
  readonly #vocabulary: Vocabulary
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary
  }

  push(token: TokenId): string {
    return this.#decoder.decode(this.#vocabulary.bytes(token), { stream: true })
  }

  /** Ends the text: what is left of an unfinished character, as U+FFFD. */
  flush(): string {
    return this.#decoder.decode()
  }
}
