import type { Guard } from '../../guard/guard.ts'
import type { RewrittenText } from '../../guard/matching/rewritten-text.ts'
import type { AnswerPiece, AnswerPieces, EmittedToken } from '../answering/answer-pieces.ts'

type CallEvent = AnswerPiece['calls'][number]

/** The pieces of an answer with real values in place of aliases, in thoughts, text and calls. */
export class RestoredPieces implements AnswerPieces {
  readonly #pieces: AnswerPieces
  readonly #guard: Guard
  readonly #reasoning: RewrittenText
  readonly #answer: RewrittenText
  readonly #calls = new Map<number, RewrittenText>()
  #held: EmittedToken[] = []

  constructor(pieces: AnswerPieces, guard: Guard) {
    this.#pieces = pieces
    this.#guard = guard
    this.#reasoning = guard.restored()
    this.#answer = guard.restored()
  }

  get reasoningTokens(): number | null {
    return this.#pieces.reasoningTokens
  }

  push(token: EmittedToken): AnswerPiece {
    return this.#restored(this.#pieces.push(token), false)
  }

  finish(): AnswerPiece {
    return this.#restored(this.#pieces.finish(), true)
  }

  #restored({ reasoning, answer, calls, tokens }: AnswerPiece, isLast: boolean): AnswerPiece {
    // Nothing of a thought or an answer goes on behind what comes after it
    const endsReasoning = isLast || answer !== '' || calls.length > 0
    const endsAnswer = isLast || calls.length > 0
    const told = {
      reasoning: this.#reasoning.push(reasoning) + (endsReasoning ? this.#reasoning.flush() : ''),
      answer: this.#answer.push(answer) + (endsAnswer ? this.#answer.flush() : ''),
      calls: calls.flatMap((call) => this.#call(call)),
    }
    this.#held.push(...tokens)
    const shown = this.#answer.isHolding ? [] : this.#held
    if (shown.length > 0) this.#held = []
    return { ...told, tokens: shown }
  }

  #call(event: CallEvent): CallEvent[] {
    switch (event.type) {
      case 'call-start':
        return [{ ...event, name: this.#guard.restore(event.name) }]
      case 'call-arguments': {
        const text = this.#argumentsOf(event.index).push(event.text)
        return text === '' ? [] : [{ ...event, text }]
      }
      case 'call-end': {
        const text = this.#argumentsOf(event.index).flush()
        return text === '' ? [event] : [{ type: 'call-arguments', index: event.index, text }, event]
      }
      default:
        return event satisfies never
    }
  }

  #argumentsOf(index: number): RewrittenText {
    const known = this.#calls.get(index) ?? this.#guard.restoredJson()
    this.#calls.set(index, known)
    return known
  }
}
