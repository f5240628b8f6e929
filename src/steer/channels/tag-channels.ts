import type { TokenId } from '../token-id.ts'
import {
  type AnswerChannels,
  type ChannelPart,
  type ChannelState,
  type ChannelStep,
  type SettledToken,
  settledToken,
} from './answer-channels.ts'
import type { Channel, TagGrammar } from './channel-grammar.ts'
import { byteString, type MarkerTokens } from './marker-tokens.ts'
import {
  beginsBareCall,
  firstMarker,
  type Marker,
  markerTexts,
  possibleMarker,
  type TagRegion,
  type TagRules,
  tagRules,
} from './tag-rules.ts'

const SPACE = /^[ \t\r\n\f\v]*/
/** Tokens of the prompt's end that may hold a block's tags. */
const PROMPT_END_TOKENS = 64

const UNKNOWN = 0
const TEXT = 1
const STRUCTURAL = 2

function channelOf(region: TagRegion): Channel {
  return region === 'start' || region === 'between' ? 'answer' : region
}

function isOpen(region: TagRegion): boolean {
  return region === 'start' || region === 'between'
}

/** Bytes up to `end`, from where the stretch before ends, and what they are. */
interface Stretch {
  readonly end: number
  readonly channel: Channel
  readonly structural: boolean
}

export interface TagChannelsOptions {
  readonly tokens: MarkerTokens
  /** The grammar's markers that are one token. */
  readonly single: ReadonlyMap<string, TokenId>
  readonly offersTools: boolean
}

/** Channels that open and close with markers in the text. */
export class TagChannels implements AnswerChannels {
  readonly #grammar: TagGrammar
  readonly #tokens: MarkerTokens
  readonly #rules: TagRules
  /** Control tokens that a spelled marker is partly made of. */
  readonly #partial: ReadonlyMap<TokenId, string>
  readonly #states: Readonly<Record<TagRegion, ChannelState>>
  /** Of each token whether it is structural, by region; filled as they are asked for. */
  readonly #kinds: Readonly<Record<'start' | 'between' | 'answer', Uint8Array>>

  constructor(grammar: TagGrammar, options: TagChannelsOptions) {
    this.#grammar = grammar
    this.#tokens = options.tokens
    const partial = options.tokens.controlsWithin(markerTexts(grammar))
    this.#partial = new Map(Array.from(partial, ([token, text]) => [token, byteString(text)]))
    this.#rules = tagRules(grammar, { ...options, partial: [...partial.values()] })
    const state = (region: TagRegion): ChannelState => ({
      region,
      steered: channelOf(region) === 'answer',
      held: '',
      heldLengths: [],
    })
    this.#states = {
      start: state('start'),
      between: state('between'),
      answer: state('answer'),
      reasoning: state('reasoning'),
      tool_call: state('tool_call'),
    }
    const kinds = () => new Uint8Array(options.tokens.vocabularySize)
    this.#kinds = { start: kinds(), between: kinds(), answer: kinds() }
  }

  begin(prompt: readonly TokenId[]): ChannelState {
    const { thinking } = this.#grammar
    if (!this.#hasMarkers) return this.#states.answer
    if (thinking === null) return this.#states.start
    const end = prompt.slice(-PROMPT_END_TOKENS).map((token) => this.#tokens.written(token))
    const tail = end.join('').trimEnd()
    if (tail.endsWith(byteString(thinking.close))) return this.#states.between
    const opened = tail.endsWith(byteString(thinking.open + thinking.heading))
    return this.#states[opened ? 'reasoning' : 'start']
  }

  next(state: ChannelState, token: TokenId): ChannelStep {
    const region = tagRegion(state)
    const marker = this.#rules[region].tokens.get(token)
    if (marker !== undefined) return this.#marked(state, marker)
    const bytes = this.#textOf(token, region)
    // Most tokens: text where none can be the beginning of a marker
    if (state.held === '' && !isOpen(region) && this.#rules[region].spelled.length === 0) {
      const channel = channelOf(region)
      const parts: ChannelPart[] = bytes === '' ? [] : [{ type: 'text', channel, bytes }]
      return { state, settled: [settledToken(channel, false)], parts }
    }
    return this.#read(state, bytes)
  }

  isStructural(state: ChannelState, token: TokenId): boolean {
    const region = tagRegion(state)
    if (region === 'reasoning' || region === 'tool_call') return this.#rules[region].tokens.has(token)
    const kinds = this.#kinds[region]
    if (kinds[token] === UNKNOWN) kinds[token] = this.#beginsMarker(region, token) ? STRUCTURAL : TEXT
    return kinds[token] === STRUCTURAL
  }

  finish({ region, held }: ChannelState): readonly ChannelPart[] {
    if (held === '') return []
    return [{ type: 'text', channel: channelOf(tagRegion({ region })), bytes: held }]
  }

  get #hasMarkers(): boolean {
    const { tokens, spelled } = this.#rules.start
    return tokens.size > 0 || spelled.length > 0
  }

  /** A control token says nothing but where it is part of a marker or of a call. */
  #textOf(token: TokenId, region: TagRegion): string {
    return region === 'tool_call'
      ? this.#tokens.written(token)
      : (this.#partial.get(token) ?? this.#tokens.bytes(token))
  }

  #beginsMarker(region: 'start' | 'between' | 'answer', token: TokenId): boolean {
    if (this.#rules[region].tokens.has(token)) return true
    const text = this.#textOf(token, region)
    const next = this.#read(this.#states[region], text)
    const isSpace = isOpen(region) && next.state.region === region && next.state.held === ''
    return isSpace || next.state.held !== '' || !next.parts.every(({ type }) => type === 'text')
  }

  /** Takes a marker that is a token of its own: what was held back is text. */
  #marked(state: ChannelState, marker: Marker): ChannelStep {
    const region = tagRegion(state)
    const parts: ChannelPart[] = []
    if (state.held !== '') parts.push({ type: 'text', channel: channelOf(region), bytes: state.held })
    const settled = state.heldLengths.map(() => settledToken(channelOf(region), false))
    const inside = state.held !== '' && isOpen(region) ? 'answer' : region
    const next = this.#act(inside, marker, parts)
    settled.push(settledToken(next.channel, true))
    return { state: this.#states[next.region], settled, parts }
  }

  #act(region: TagRegion, { action, bytes }: Marker, parts: ChannelPart[]): MarkerEffect {
    switch (action) {
      case 'think':
        parts.push({ type: 'open', channel: 'reasoning', bytes })
        return { region: 'reasoning', channel: 'reasoning' }
      case 'end-think':
        parts.push({ type: 'close', channel: 'reasoning', bytes })
        return { region: 'between', channel: 'reasoning' }
      case 'call':
        if (region === 'reasoning') parts.push({ type: 'close', channel: 'reasoning', bytes: '' })
        parts.push({ type: 'open', channel: 'tool_call', bytes })
        return { region: 'tool_call', channel: 'tool_call' }
      case 'end-call':
        parts.push({ type: 'close', channel: 'tool_call', bytes })
        return { region: 'between', channel: 'tool_call' }
      case 'skip':
        return { region: region === 'start' ? 'between' : region, channel: 'reasoning' }
      default:
        return action satisfies never
    }
  }

  /** Takes text in which markers may be spelled. */
  #read(state: ChannelState, bytes: string): ChannelStep {
    const text = state.held + bytes
    const parts: ChannelPart[] = []
    const stretches: Stretch[] = []
    let region = tagRegion(state)
    let at = 0
    const say = (end: number, structural: boolean): void => {
      if (end === at) return
      const channel = channelOf(region)
      parts.push({ type: 'text', channel, bytes: text.slice(at, end) })
      stretches.push({ end, channel, structural })
      at = end
    }
    const act = (marker: Marker): void => {
      const effect = this.#act(region, marker, parts)
      at += marker.bytes.length
      stretches.push({ end: at, channel: effect.channel, structural: true })
      region = effect.region
    }
    while (at < text.length) {
      if (isOpen(region)) {
        say(at + (SPACE.exec(text.slice(at))?.[0].length ?? 0), true)
        if (at === text.length) break
        const begun = this.#opening(text.slice(at), region)
        if (begun === 'perhaps') break
        if (begun === 'no') region = 'answer'
        else if (begun === 'bare-call') {
          parts.push({ type: 'open', channel: 'tool_call', bytes: '' })
          region = 'tool_call'
        } else act(begun)
        continue
      }
      const { spelled } = this.#rules[region]
      const found = firstMarker(text, at, spelled)
      say(found === null ? possibleMarker(text, at, spelled) : found.at, false)
      if (found === null) break
      act(found.marker)
    }
    const lengths = [...state.heldLengths, bytes.length]
    return { ...this.#stepTo(region, { text, at, lengths, stretches }), parts }
  }

  /** What text at the beginning of an open region begins, white space apart. */
  #opening(text: string, region: TagRegion): Marker | 'bare-call' | 'perhaps' | 'no' {
    const { spelled, bareJson } = this.#rules[region]
    const marker = firstMarker(text, 0, spelled)
    if (marker?.at === 0) return marker.marker
    const bare = bareJson && text.startsWith('{') ? beginsBareCall(text) : 'no'
    if (bare === 'yes') return 'bare-call'
    return bare === 'perhaps' || possibleMarker(text, 0, spelled) === 0 ? 'perhaps' : 'no'
  }

  #stepTo(
    region: TagRegion,
    {
      text,
      at,
      lengths,
      stretches,
    }: { text: string; at: number; lengths: readonly number[]; stretches: readonly Stretch[] },
  ): Pick<ChannelStep, 'state' | 'settled'> {
    const settled: SettledToken[] = []
    // Bytes in front of the tokens' own belong to one that was settled by its text before them
    let start = text.length - lengths.reduce((sum, length) => sum + length, 0)
    let taken = 0
    for (; taken < lengths.length; taken++) {
      const end = start + (lengths[taken] ?? 0)
      const last = lastWithin(stretches, start, end)
      if (end > at && (last === null || last.structural)) break
      settled.push(settledToken(last?.channel ?? channelOf(region), last?.structural ?? isOpen(region)))
      start = end
    }
    const held = text.slice(at)
    const state = this.#states[region]
    if (held === '') return { state, settled }
    return { state: { ...state, steered: false, held, heldLengths: lengths.slice(taken) }, settled }
  }
}

interface MarkerEffect {
  readonly region: TagRegion
  /** The channel that the marker belongs to. */
  readonly channel: Channel
}

function tagRegion({ region }: Pick<ChannelState, 'region'>): TagRegion {
  if (region === 'header') throw new TypeError('the state belongs to other channels')
  return region
}

/**
 * What a token from `start` to `end` is: text if it has any, else its last marker or white space; null for
 * neither.
 */
function lastWithin(stretches: readonly Stretch[], start: number, end: number): Stretch | null {
  let last: Stretch | null = null
  let from = 0
  for (const stretch of stretches) {
    if (stretch.end > start && from < end) {
      if (!stretch.structural) return stretch
      last = stretch
    }
    from = stretch.end
  }
  return last
}
