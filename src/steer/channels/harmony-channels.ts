import type { TokenId } from '../token-id.ts'
import {
  type AnswerChannels,
  type ChannelPart,
  type ChannelState,
  type ChannelStep,
  type Region,
  settledToken,
} from './answer-channels.ts'
import type { Channel } from './channel-grammar.ts'
import type { MarkerTokens } from './marker-tokens.ts'

const START = '<|start|>'
const CHANNEL = '<|channel|>'
const MESSAGE = '<|message|>'
const CONSTRAIN = '<|constrain|>'

/** The control tokens that structure messages (openai/harmony, docs/format.md). */
export const harmonyMarkers = [
  START,
  CHANNEL,
  MESSAGE,
  CONSTRAIN,
  '<|end|>',
  '<|return|>',
  '<|call|>',
] as const

type HarmonyMarker = (typeof harmonyMarkers)[number]

const CHANNEL_NAME = /<\|channel\|>\s*(\w+)/g
const RECIPIENT = /(?:^|\s)to=([^\s<]+)/
/** Tokens of the prompt's end that may hold the answer's header. */
const PROMPT_END_TOKENS = 64

interface Header {
  readonly channel: Channel
  /** The called tool. */
  readonly name?: string
}

/**
 * What a message is, from the text in front of it. The last channel named counts: models correct themselves.
 */
function readHeader(text: string): Header {
  const recipient = RECIPIENT.exec(text)?.[1]
  if (recipient !== undefined && recipient !== 'assistant' && recipient !== 'user') {
    return { channel: 'tool_call', name: recipient.replace(/^functions\./, '') }
  }
  const named = [...text.matchAll(CHANNEL_NAME)].at(-1)?.[1]
  return { channel: named === 'analysis' ? 'reasoning' : 'answer' }
}

function inRegion(region: Region, held = ''): ChannelState {
  return { region, steered: region === 'answer', held, heldLengths: [] }
}

/**
 * gpt-oss's messages. The header in front of each, up to `<|message|>`, says what it is: analysis is
 * reasoning, a message to a tool a call, all others are the answer.
 */
export class HarmonyChannels implements AnswerChannels {
  readonly #tokens: MarkerTokens
  readonly #markers: ReadonlyMap<TokenId, HarmonyMarker>

  /** `single` are the markers that are one token: all of them, in a vocabulary made for them. */
  constructor({ tokens, single }: { tokens: MarkerTokens; single: ReadonlyMap<string, TokenId> }) {
    this.#tokens = tokens
    this.#markers = new Map(
      harmonyMarkers.flatMap((marker) => {
        const token = single.get(marker)
        return token === undefined ? [] : [[token, marker] as const]
      }),
    )
  }

  begin(prompt: readonly TokenId[]): ChannelState {
    const end = prompt.slice(-PROMPT_END_TOKENS)
    const start = end.findLastIndex((token) => this.#markers.get(token) === START)
    let state = inRegion('header')
    for (const token of end.slice(start + 1)) state = this.next(state, token).state
    return state
  }

  next(state: ChannelState, token: TokenId): ChannelStep {
    const marker = this.#markers.get(token)
    if (state.region === 'header') return this.#headerStep(state, token, marker)
    const channel = bodyChannel(state.region)
    if (marker === undefined || marker === MESSAGE || marker === CONSTRAIN) {
      const bytes = marker === undefined ? this.#tokens.bytes(token) : ''
      const parts: ChannelPart[] = bytes === '' ? [] : [{ type: 'text', channel, bytes }]
      return { state, settled: [settledToken(channel, marker !== undefined)], parts }
    }
    // A header may follow without an end of the message before it
    return {
      state: inRegion('header', marker === CHANNEL ? CHANNEL : ''),
      settled: [settledToken(channel, true)],
      parts: [{ type: 'close', channel, bytes: '' }],
    }
  }

  isStructural(_state: ChannelState, token: TokenId): boolean {
    return this.#markers.has(token)
  }

  /** Text without a header is the answer, as vLLM has it. A header without text says nothing. */
  finish({ region, held }: ChannelState): readonly ChannelPart[] {
    if (region !== 'header' || held === '' || held.includes('<|') || RECIPIENT.test(held)) return []
    return [{ type: 'text', channel: 'answer', bytes: held }]
  }

  #headerStep(state: ChannelState, token: TokenId, marker: HarmonyMarker | undefined): ChannelStep {
    const settled = [settledToken('reasoning', true)]
    if (marker === MESSAGE) {
      const { channel, name } = readHeader(state.held)
      const part: ChannelPart = {
        type: 'open',
        channel,
        bytes: '',
        ...(name === undefined ? {} : { name }),
      }
      return { state: inRegion(channel), settled, parts: [part] }
    }
    const ends = marker !== undefined && marker !== CHANNEL && marker !== CONSTRAIN
    const held = ends ? '' : state.held + (marker ?? this.#tokens.bytes(token))
    return { state: inRegion('header', held), settled, parts: [] }
  }
}

function bodyChannel(region: Region): Channel {
  if (region === 'reasoning' || region === 'tool_call') return region
  return 'answer'
}
