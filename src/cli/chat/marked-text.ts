import { alignTokens } from '../../proxy/answers/trace/align-tokens.ts'
import { isMoved } from '../../proxy/answers/trace/moved-token.ts'
import type { WireTokenTrace } from '../../proxy/answers/trace/trace-schema.ts'

/** A stretch of an answer. */
export interface MarkedPiece {
  readonly text: string
  /** `moved`: the profile changed it; `dim`: a thought. */
  readonly style: 'moved' | 'dim' | null
}

/** An answer's text as far as it has come, with the words that the profile changed. */
export class MarkedText {
  readonly #traces: WireTokenTrace[] = []
  #text = ''

  addTrace(trace: WireTokenTrace): void {
    this.#traces.push(trace)
  }

  /** Returns the pieces that are new. */
  addText(text: string): readonly MarkedPiece[] {
    let skip = this.#text.length
    this.#text += text
    return alignTokens(this.#text, this.#traces).flatMap(({ text: piece, trace }) => {
      const rest = piece.slice(Math.min(skip, piece.length))
      skip -= piece.length - rest.length
      // The space before a word is not the word
      const space = /^\s*/.exec(rest)?.[0] ?? ''
      const word = rest.slice(space.length)
      const style = trace !== null && isMoved(trace) ? 'moved' : null
      const parts: MarkedPiece[] = [
        { text: space, style: null },
        { text: word, style },
      ]
      return parts.filter((part) => part.text !== '')
    })
  }
}
