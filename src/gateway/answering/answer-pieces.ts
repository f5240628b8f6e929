import type { AnswerChannels, ChannelPart, ChannelState } from '../../steer/channels/answer-channels.ts'
import type { ChannelGrammar } from '../../steer/channels/channel-grammar.ts'
import { ChannelReader } from '../../steer/channels/channel-reader.ts'
import type { DecodeEvent } from '../../steer/decoding/decode.ts'
import { IncrementalText } from '../../steer/text/incremental-text.ts'
import type { Vocabulary } from '../../steer/vocabulary.ts'

export type EmittedToken = Extract<DecodeEvent, { type: 'token-emitted' }>

/** A model's channels, with what they are written in. */
export interface ReadableChannels {
  readonly grammar: ChannelGrammar
  readonly channels: AnswerChannels
}

/**
 * The channels of an upstream's answers: null where all that it says is the answer, `unknown-thinking` where
 * nobody knows how its thoughts end.
 */
export type UpstreamChannels = ReadableChannels | 'unknown-thinking' | null

/** What one more token makes known: text of whole characters. */
export interface AnswerPiece {
  readonly reasoning: string
  readonly answer: string
  /** The answer's own tokens whose text this is, oldest first. */
  readonly tokens: readonly EmittedToken[]
}

/** Turns tokens into what they say. */
export interface AnswerPieces {
  /** Tokens of thoughts so far, and of what opens and closes them; null for a model without channels. */
  readonly reasoningTokens: number | null
  push(token: EmittedToken): AnswerPiece
  /** What is left to say at the end. */
  finish(): AnswerPiece
}

/** An answer that is nothing but the answer. */
export class PlainPieces implements AnswerPieces {
  readonly reasoningTokens = null
  readonly #text: IncrementalText

  constructor(vocabulary: Vocabulary) {
    this.#text = new IncrementalText(vocabulary)
  }

  push(token: EmittedToken): AnswerPiece {
    return { reasoning: '', answer: this.#text.push(token.token), tokens: [token] }
  }

  finish(): AnswerPiece {
    return { reasoning: '', answer: this.#text.flush(), tokens: [] }
  }
}

/** An answer of several channels. Its request offers no tools: what looks like a call is text. */
export class ChannelPieces implements AnswerPieces {
  readonly #channels: AnswerChannels
  readonly #reader: ChannelReader
  #state: ChannelState
  #unsettled: EmittedToken[] = []
  #reasoningTokens = 0

  /** `state` is that behind the prompt. */
  constructor({ grammar, channels }: ReadableChannels, state: ChannelState) {
    this.#channels = channels
    this.#state = state
    this.#reader = new ChannelReader({ grammar, tools: new Map(), newCallId: () => 'call' })
  }

  get reasoningTokens(): number {
    return this.#reasoningTokens
  }

  push(token: EmittedToken): AnswerPiece {
    const { state, settled, parts } = this.#channels.next(this.#state, token.token)
    this.#state = state
    this.#unsettled.push(token)
    const tokens: EmittedToken[] = []
    for (const { channel, structural } of settled) {
      const oldest = this.#unsettled.shift()
      if (channel === 'reasoning') this.#reasoningTokens++
      else if (oldest !== undefined && !structural) tokens.push(oldest)
    }
    return this.#piece(this.#reader.push(withoutCalls(parts)), tokens)
  }

  finish(): AnswerPiece {
    const parts = this.#channels.finish(this.#state)
    return this.#piece(this.#reader.finish(withoutCalls(parts)), this.#unsettled)
  }

  #piece(events: ReturnType<ChannelReader['push']>, tokens: readonly EmittedToken[]): AnswerPiece {
    let reasoning = ''
    let answer = ''
    for (const event of events) {
      if (event.type === 'reasoning-delta') reasoning += event.text
      else if (event.type === 'answer-delta') answer += event.text
    }
    return { reasoning, answer, tokens }
  }
}

/** Harmony reads a call whether or not there are tools. */
function withoutCalls(parts: readonly ChannelPart[]): readonly ChannelPart[] {
  return parts.map((part) => (part.channel === 'tool_call' ? { ...part, channel: 'answer' } : part))
}
