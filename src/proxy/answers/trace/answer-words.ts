import { functionWords } from '../../../steer/text/function-words.ts'
import type { TextPiece } from './align-tokens.ts'
import { isMoved } from './moved-token.ts'
import type { WireTokenTrace } from './trace-schema.ts'

/** A word of an answer, or what stands between two. */
export interface AnswerStretch {
  /** The tokens' parts of it, in order. */
  readonly pieces: readonly TextPiece[]
  /**
   * For a word that would be another one without the profile: how far the profile moved it, in nats; else
   * null.
   */
  readonly shift: number | null
}

/** In nats. A profile that says nothing but a name moves words about as often by less as any other one. */
const LEAST_SHIFT = 1

/** Letters and digits, with signs inside of words and numbers: `south-west`, `don't`, `5:30`. */
const WORD =
  /[\p{L}\p{M}\p{N}]+(?:(?:['’-]|(?<=\p{N})[.,:/](?=\p{N}))[\p{L}\p{M}\p{N}]+)*|\p{Extended_Pictographic}/gu

/**
 * Divides an answer into words and what is between them; their pieces joined are the whole text. A word
 * counts as changed as a whole. Function words do not count, and neither does a number that would only have
 * ended in other digits.
 */
export function answerWords(pieces: readonly TextPiece[]): readonly AnswerStretch[] {
  const text = pieces.map((piece) => piece.text).join('')
  const cutter = new PieceCutter(pieces)
  const stretches: AnswerStretch[] = []
  const add = (end: number, shiftOf: (cut: readonly TextPiece[]) => number | null) => {
    const cut = cutter.upTo(end)
    if (cut.length > 0) stretches.push({ pieces: cut, shift: shiftOf(cut) })
  }
  for (const { 0: word, index } of text.matchAll(WORD)) {
    add(index, () => null)
    add(index + word.length, (cut) => changeOf(word, cut))
  }
  add(text.length, () => null)
  return stretches
}

function changeOf(word: string, pieces: readonly TextPiece[]): number | null {
  if (functionWords.has(word.toLowerCase().replaceAll('’', "'"))) return null
  const telling = /\p{N}/u.test(word) ? pieces.slice(0, 1) : pieces
  const shifts = telling.flatMap(({ trace }) => (trace !== null && isOther(trace) ? [trace.shift] : []))
  const most = Math.max(...shifts)
  return most >= LEAST_SHIFT ? most : null
}

/** Whether another word would stand there, and not the same one in other letters or with another space. */
function isOther(trace: WireTokenTrace): boolean {
  const plain = (text: string) => text.trim().toLowerCase()
  return isMoved(trace) && plain(trace.token.text) !== plain(trace.unsteered.text)
}

/** Cuts pieces at places of the text, in order. */
class PieceCutter {
  readonly #pieces: readonly TextPiece[]
  #index = 0
  /** Where the current piece begins in the text, and how far it was given out. */
  #start = 0
  #given = 0

  constructor(pieces: readonly TextPiece[]) {
    this.#pieces = pieces
  }

  upTo(end: number): readonly TextPiece[] {
    const cut: TextPiece[] = []
    for (;;) {
      const piece = this.#pieces[this.#index]
      if (piece === undefined) return cut
      const pieceEnd = this.#start + piece.text.length
      const until = Math.min(end, pieceEnd)
      if (until > this.#given) {
        cut.push({
          text: piece.text.slice(this.#given - this.#start, until - this.#start),
          trace: piece.trace,
        })
        this.#given = until
      }
      if (pieceEnd > end) return cut
      this.#start = pieceEnd
      this.#index += 1
    }
  }
}
