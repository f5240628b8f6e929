import { randomInt, randomUUID } from 'node:crypto'
import type { AnswerChannels, ChannelPart, ChannelState } from '../../steer/channels/answer-channels.ts'
import { type Channel, type ChannelGrammar, thinks } from '../../steer/channels/channel-grammar.ts'
import { type ChannelEvent, ChannelReader } from '../../steer/channels/channel-reader.ts'
import type { DecodeEvent } from '../../steer/decoding/decode.ts'
import { IncrementalText } from '../../steer/text/incremental-text.ts'
import type { Vocabulary } from '../../steer/vocabulary.ts'
import type { OfferedTools } from '../answer-request.ts'

export type EmittedToken = Extract<DecodeEvent, { type: 'token-emitted' }>

/** A model's channels, with what they are written in. */
export interface ReadableChannels {
  readonly grammar: ChannelGrammar
  /** For requests that offer tools; null where nobody knows how the model calls them. */
  readonly withTools: AnswerChannels | null
  /** For all others; null where all that the model then says is the answer. */
  readonly withoutTools: AnswerChannels | null
}

/** Channels of one answer. */
export interface ChosenChannels {
  readonly grammar: ChannelGrammar
  readonly channels: AnswerChannels
  /** Null for a request that offers none: what looks like a call is text then. */
  readonly offered: OfferedTools | null
}

/**
 * The channels of an upstream's answers: null where all that it says is the answer, `unknown-thinking` where
 * nobody knows how its thoughts end.
 */
export type UpstreamChannels = ReadableChannels | 'unknown-thinking' | null

/** What one more token makes known. */
export interface AnswerPiece {
  /** In order, in whole characters. */
  readonly events: readonly ChannelEvent[]
  /** The answer's own tokens whose text is among them, oldest first. */
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
    return { events: answerDelta(this.#text.push(token.token)), tokens: [token] }
  }

  finish(): AnswerPiece {
    return { events: answerDelta(this.#text.flush()), tokens: [] }
  }
}

function answerDelta(text: string): readonly ChannelEvent[] {
  return text === '' ? [] : [{ type: 'answer-delta', text }]
}

/** The channels of an answer to a request with `offered` tools; null where there is nothing to tell apart. */
export function chosenChannels(
  channels: UpstreamChannels,
  offered: OfferedTools | undefined,
): ChosenChannels | null {
  if (channels === null || channels === 'unknown-thinking') return null
  const { grammar, withTools, withoutTools } = channels
  if (offered?.choice === 'auto' && withTools !== null) return { grammar, channels: withTools, offered }
  return withoutTools === null ? null : { grammar, channels: withoutTools, offered: null }
}

/** An answer of several channels. */
export class ChannelPieces implements AnswerPieces {
  readonly #channels: AnswerChannels
  readonly #offered: OfferedTools | null
  readonly #reader: ChannelReader
  readonly #thinks: boolean
  #state: ChannelState
  #unsettled: EmittedToken[] = []
  #reasoningTokens = 0

  /** `state` is that behind the prompt. */
  constructor({ grammar, channels, offered }: ChosenChannels, state: ChannelState) {
    this.#channels = channels
    this.#offered = offered
    this.#state = state
    this.#thinks = thinks(grammar)
    const tools = (offered?.tools ?? []).map(
      (tool) => [tool.function.name, tool.function.parameters] as const,
    )
    this.#reader = new ChannelReader({ grammar, tools: new Map(tools), newCallId })
  }

  get reasoningTokens(): number | null {
    return this.#thinks ? this.#reasoningTokens : null
  }

  push(token: EmittedToken): AnswerPiece {
    const { state, settled, parts } = this.#channels.next(this.#state, token.token)
    this.#state = state
    this.#unsettled.push(token)
    const tokens: EmittedToken[] = []
    for (const { channel, structural } of settled) {
      const oldest = this.#unsettled.shift()
      if (channel === 'reasoning') this.#reasoningTokens++
      else if (this.#isAnswer(channel) && oldest !== undefined && !structural) tokens.push(oldest)
    }
    return this.#piece(this.#reader.push(this.#readable(parts)), tokens)
  }

  finish(): AnswerPiece {
    const parts = this.#channels.finish(this.#state)
    return this.#piece(this.#reader.finish(this.#readable(parts)), this.#unsettled)
  }

  /** Harmony has calls whether or not there are tools. */
  #isAnswer(channel: Channel): boolean {
    return channel === 'answer' || (channel === 'tool_call' && this.#offered === null)
  }

  #readable(parts: readonly ChannelPart[]): readonly ChannelPart[] {
    if (this.#offered !== null) return parts
    return parts.map((part) => (part.channel === 'tool_call' ? { ...part, channel: 'answer' } : part))
  }

  #piece(events: readonly ChannelEvent[], tokens: readonly EmittedToken[]): AnswerPiece {
    const isWanted = (event: ChannelEvent) =>
      this.#offered?.parallel !== false || !('index' in event) || event.index === 0
    return { events: events.filter(isWanted), tokens }
  }
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

function newCallId(form: 'long' | 'short'): string {
  if (form === 'long') return `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`
  return Array.from({ length: 9 }, () => LETTERS[randomInt(LETTERS.length)]).join('')
}
