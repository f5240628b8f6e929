// This room owns where an answer stands among its channels, token by token, and what a client is told of it.
// States are small and immutable, so that looking ahead can try tokens and drop them again. It must not know
// models, prompts or HTTP.

import type { TokenId } from '../token-id.ts'
import type { Channel } from './channel-grammar.ts'

/** Before any text, behind a closed block, or inside a part. `header` is between harmony's messages. */
export type Region = 'start' | 'between' | 'header' | Channel

/** A position in an answer. */
export interface ChannelState {
  readonly region: Region
  /**
   * Whether the next token may be a steered one. Then the upstream's own choice decides first: if that is
   * structural (`isStructural`) it is taken as it is, else the steered choice is made among the candidates
   * that are not structural. Everywhere else the upstream's own choice is taken: in other channels, and as
   * long as text may be a marker's beginning.
   */
  readonly steered: boolean
  /** Bytes that may be the beginning of a marker, or harmony's header so far; one character for each byte. */
  readonly held: string
  /** Of the tokens whose bytes are held, how many bytes each has. */
  readonly heldLengths: readonly number[]
}

/** What one token turned out to be. */
export interface SettledToken {
  readonly channel: Channel
  /** It opens or closes a channel, or is white space around one: no text of the channel. */
  readonly structural: boolean
}

/** What tokens turned out to say, in order. `bytes` has one character for each byte. */
export type ChannelPart =
  | { readonly type: 'text'; readonly channel: Channel; readonly bytes: string }
  /** `name` is the called tool's, where the opening names it. */
  | { readonly type: 'open'; readonly channel: Channel; readonly bytes: string; readonly name?: string }
  | { readonly type: 'close'; readonly channel: Channel; readonly bytes: string }

export interface ChannelStep {
  readonly state: ChannelState
  /**
   * The tokens that this one settled, oldest first: those held back before, and itself. None while it is held
   * back.
   */
  readonly settled: readonly SettledToken[]
  readonly parts: readonly ChannelPart[]
}

export interface AnswerChannels {
  /** The state of an answer behind `prompt`, which may itself have opened or closed a block. */
  begin(prompt: readonly TokenId[]): ChannelState
  next(state: ChannelState, token: TokenId): ChannelStep
  /**
   * Whether `token` would begin, open or close a channel here, or be white space around one. For steered
   * positions.
   */
  isStructural(state: ChannelState, token: TokenId): boolean
  /** What is left to say when the answer ends here. */
  finish(state: ChannelState): readonly ChannelPart[]
}

const settledTokens = {
  reasoning: settledPair('reasoning'),
  answer: settledPair('answer'),
  tool_call: settledPair('tool_call'),
}

function settledPair(channel: Channel): readonly [SettledToken, SettledToken] {
  return [
    { channel, structural: false },
    { channel, structural: true },
  ]
}

/** The same object for the same values: steps make no garbage of them. */
export function settledToken(channel: Channel, structural: boolean): SettledToken {
  return settledTokens[channel][structural ? 1 : 0]
}
