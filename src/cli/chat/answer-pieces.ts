import type { WireTokenTrace } from '../../proxy/answers/trace/trace-schema.ts'
import { callArguments } from '../../steer/channels/tool-calls/call-arguments.ts'
import type { ChatCall } from './chat-answer.ts'
import { type MarkedPiece, MarkedText } from './marked-text.ts'

type Channel = 'thought' | 'text' | 'call'

/** An answer as stretches to print: its thoughts dimmed, its text marked, and each call on a line. */
export class AnswerPieces {
  readonly #marked = new MarkedText()
  #last: Channel | null = null
  /** Space at the end of the thoughts, which is shown before more of them only. */
  #heldBack = ''

  addTrace(trace: WireTokenTrace): void {
    this.#marked.addTrace(trace)
  }

  thought(text: string): readonly MarkedPiece[] {
    const isFirst = this.#last !== 'thought'
    const all = isFirst ? text.trimStart() : this.#heldBack + text
    const words = all.trimEnd()
    this.#heldBack = all.slice(words.length)
    if (words === '') return []
    const label = isFirst ? [...this.end(), ...this.#begin('thought'), dim('(thinking) ')] : []
    return [...label, dim(words)]
  }

  text(text: string): readonly MarkedPiece[] {
    return this.#texts(this.#marked.addText(text))
  }

  call({ name, arguments: json }: ChatCall): readonly MarkedPiece[] {
    const line: MarkedPiece = { text: `→ ${name}(${readableArguments(json)})`, style: null }
    return [...this.end(), ...this.#begin('call'), line]
  }

  /** What waits for more text, when there is none. */
  end(): readonly MarkedPiece[] {
    return this.#texts(this.#marked.finish())
  }

  #texts(pieces: readonly MarkedPiece[]): readonly MarkedPiece[] {
    if (pieces.length === 0 || this.#last === 'text') return pieces
    // The space between two channels is the gap
    const first = this.#last === null ? 0 : pieces.findIndex((piece) => piece.text.trim() !== '')
    return first < 0 ? [] : [...this.#begin('text'), ...pieces.slice(first)]
  }

  #begin(next: Channel): readonly MarkedPiece[] {
    const before = this.#last
    this.#last = next
    if (before === null) return []
    return [{ text: before === 'call' && next === 'call' ? '\n' : '\n\n', style: null }]
  }
}

function dim(text: string): MarkedPiece {
  return { text, style: 'dim' }
}

/** As a reader would write them: `city: "Ghent", days: 3`. What is cut off, or no object, is as it came. */
function readableArguments(json: string): string {
  const given = callArguments(json)
  if (given === null) return json
  return Object.entries(given)
    .map(([key, argument]) => `${key}: ${JSON.stringify(argument)}`)
    .join(', ')
}
