import { alignTokens } from '../../proxy/answers/trace/align-tokens.ts'
import { answerWords } from '../../proxy/answers/trace/answer-words.ts'
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
  /** How much of the text was returned. */
  #told = 0

  addTrace(trace: WireTokenTrace): void {
    this.#traces.push(trace)
  }

  /** Returns what is new. A word whose rest may still tell whether it counts as changed waits for it. */
  addText(text: string): readonly MarkedPiece[] {
    this.#text += text
    const lastWord = this.#traces.length === 0 ? null : /\S+$/.exec(this.#text)
    return this.#tellUpTo(lastWord?.index ?? this.#text.length)
  }

  /** Returns what has waited. */
  finish(): readonly MarkedPiece[] {
    return this.#tellUpTo(this.#text.length)
  }

  #tellUpTo(end: number): readonly MarkedPiece[] {
    let at = 0
    const told: MarkedPiece[] = []
    for (const { pieces, shift } of answerWords(alignTokens(this.#text, this.#traces))) {
      const whole = pieces.map((piece) => piece.text).join('')
      const text = whole.slice(Math.max(0, this.#told - at), Math.max(0, end - at))
      if (text !== '') told.push({ text, style: shift === null ? null : 'moved' })
      at += whole.length
    }
    this.#told = Math.max(this.#told, end)
    return told
  }
}
