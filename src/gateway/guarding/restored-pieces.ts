import type { Guard } from '../../guard/guard.ts'
import type { RewrittenText } from '../../guard/matching/rewritten-text.ts'
import type { AnswerPiece, AnswerPieces, EmittedToken } from '../answering/answer-pieces.ts'
import type { RestoredTokens } from './restored-tokens.ts'

type PieceEvent = AnswerPiece['events'][number]
type TextEvent = Extract<PieceEvent, { readonly text: string }>

/** The pieces of an answer with real values in place of aliases, in thoughts, text and calls. */
export class RestoredPieces implements AnswerPieces {
  readonly #pieces: AnswerPieces
  readonly #guard: Guard
  readonly #tokens: RestoredTokens | null
  /** The text that is being told, of one kind at a time. */
  #open: { readonly last: TextEvent; readonly text: RewrittenText } | null = null
  #held: EmittedToken[] = []
  /** Whether a text of the answer has ended since tokens were told. */
  #hasEnded = false

  /** `tokens`: what makes the tokens that the client reads; null where nobody asks for them. */
  constructor(pieces: AnswerPieces, guard: Guard, tokens: RestoredTokens | null = null) {
    this.#pieces = pieces
    this.#guard = guard
    this.#tokens = tokens
  }

  get reasoningTokens(): number | null {
    return this.#pieces.reasoningTokens
  }

  push(token: EmittedToken): AnswerPiece {
    const { events, tokens } = this.#pieces.push(token)
    return this.#told(
      events.flatMap((event) => this.#restored(event)),
      tokens,
    )
  }

  finish(): AnswerPiece {
    const { events, tokens } = this.#pieces.finish()
    const told = events.flatMap((event) => this.#restored(event))
    return this.#told([...told, ...this.#ended()], tokens)
  }

  /** A token is told with its text. */
  #told(events: readonly PieceEvent[], tokens: readonly EmittedToken[]): AnswerPiece {
    this.#held.push(...tokens)
    if (this.#open?.last.type === 'answer-delta' && this.#open.text.isHolding) return { events, tokens: [] }
    const held = this.#held
    this.#held = []
    const isEnd = this.#hasEnded
    this.#hasEnded = false
    return { events, tokens: this.#tokens?.push(held, { isEnd }) ?? held }
  }

  #restored(event: PieceEvent): PieceEvent[] {
    if (!('text' in event)) {
      const other = event.type === 'call-start' ? { ...event, name: this.#guard.restore(event.name) } : event
      return [...this.#ended(), other]
    }
    const isSame = this.#open !== null && placeOf(this.#open.last) === placeOf(event)
    const before = isSame ? [] : this.#ended()
    const ofJson = event.type === 'call-arguments'
    const text = this.#open?.text ?? (ofJson ? this.#guard.restoredJson() : this.#guard.restored())
    this.#open = { last: event, text }
    return [...before, ...withText(event, text.push(event.text))]
  }

  /** What was held back of a text that does not go on. */
  #ended(): PieceEvent[] {
    const open = this.#open
    this.#open = null
    this.#hasEnded ||= open?.last.type === 'answer-delta'
    return open === null ? [] : withText(open.last, open.text.flush())
  }
}

function placeOf(event: TextEvent): string {
  return 'index' in event ? `${event.type} ${event.index}` : event.type
}

function withText(event: TextEvent, text: string): PieceEvent[] {
  return text === '' ? [] : [{ ...event, text }]
}
