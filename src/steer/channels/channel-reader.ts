import type { ChannelPart } from './answer-channels.ts'
import type { ChannelGrammar } from './channel-grammar.ts'
import { bytesOf } from './marker-tokens.ts'
import { ReasoningText } from './reasoning-text.ts'
import type { CallPart, CallReader } from './tool-calls/call-reader.ts'
import { HarmonyCall } from './tool-calls/harmony-call.ts'
import type { OfferedTools } from './tool-calls/offered-tools.ts'
import { openCallReader } from './tool-calls/open-call-reader.ts'

/** What a client is told of an answer, in order. The texts of a kind together are the whole. */
export type ChannelEvent =
  | { readonly type: 'reasoning-delta'; readonly text: string }
  | { readonly type: 'answer-delta'; readonly text: string }
  /** `index` counts the answer's calls from 0. */
  | { readonly type: 'call-start'; readonly index: number; readonly id: string; readonly name: string }
  | { readonly type: 'call-arguments'; readonly index: number; readonly text: string }
  | { readonly type: 'call-end'; readonly index: number }

export interface ChannelReaderOptions {
  readonly grammar: ChannelGrammar
  readonly tools: OfferedTools
  /** A new call's id; `short`: nine letters and digits, which some templates insist on. */
  readonly newCallId: (form: 'long' | 'short') => string
}

/** A block that may hold calls. */
interface OpenBlock {
  readonly reader: CallReader
  /** Its text so far, for the case that it holds none; empty from its first call on. */
  raw: string
  hasCalls: boolean
}

/**
 * Turns an answer's parts into what a client sees. White space around blocks is nobody's text: in front of
 * the answer's first text, and between two blocks. A block without a call is shown as the text it is, as vLLM
 * does.
 */
export class ChannelReader {
  readonly #options: ChannelReaderOptions
  readonly #reasoning: ReasoningText
  #answer = new TextDecoder('utf-8', { ignoreBOM: true })
  #call = new TextDecoder('utf-8', { ignoreBOM: true })
  #events: ChannelEvent[] = []
  #block: OpenBlock | null = null
  #calls = 0
  /** White space that is shown only if text follows; null within a text. */
  #space: string | null = ''
  #hasText = false
  #hasBlocks = false

  constructor(options: ChannelReaderOptions) {
    this.#options = options
    const { grammar } = options
    this.#reasoning = new ReasoningText(grammar.type === 'tags' ? (grammar.thinking?.heading ?? '') : '')
  }

  push(parts: readonly ChannelPart[]): readonly ChannelEvent[] {
    this.#events = []
    for (const part of parts) {
      if (part.type === 'open') this.#open(part)
      else if (part.type === 'close') this.#close(part)
      else if (part.channel === 'reasoning') this.#sayReasoning(this.#reasoning.push(bytesOf(part.bytes)))
      else if (part.channel === 'tool_call')
        this.#read(this.#call.decode(bytesOf(part.bytes), { stream: true }))
      else this.#sayAnswer(this.#answer.decode(bytesOf(part.bytes), { stream: true }))
    }
    return this.#events
  }

  /** Ends the answer behind its last parts. */
  finish(parts: readonly ChannelPart[]): readonly ChannelEvent[] {
    const events = [...this.push(parts)]
    this.#events = events
    this.#sayReasoning(this.#reasoning.close())
    this.#endBlock('')
    this.#sayAnswer(this.#answer.decode())
    if (!this.#hasBlocks && this.#space) events.push({ type: 'answer-delta', text: this.#space })
    return events
  }

  #open({ channel, bytes, name }: Extract<ChannelPart, { type: 'open' }>): void {
    this.#sayAnswer(this.#answer.decode())
    if (channel === 'answer') {
      // A second message of the answer is a line of its own
      this.#space = this.#hasText ? '\n' : ''
      this.#hasBlocks = true
    } else if (channel === 'reasoning') {
      this.#takeSpace()
      this.#reasoning.open()
    } else {
      const opener = textOf(bytes)
      this.#call = new TextDecoder('utf-8', { ignoreBOM: true })
      this.#block = { reader: this.#readerOf(name, opener), raw: opener, hasCalls: false }
    }
  }

  #close({ channel, bytes }: Extract<ChannelPart, { type: 'close' }>): void {
    if (channel === 'reasoning') {
      this.#sayReasoning(this.#reasoning.close())
      this.#takeSpace()
    } else if (channel === 'tool_call') this.#endBlock(textOf(bytes))
  }

  #readerOf(name: string | undefined, opener: string): CallReader {
    const { grammar, tools } = this.#options
    if (grammar.type === 'harmony') return new HarmonyCall(name ?? '', tools)
    if (typeof grammar.tools === 'string') throw new TypeError('the grammar has no tool calls')
    return openCallReader(grammar.tools, opener, tools)
  }

  /** A block takes the white space around it. One of thoughts may have been opened by the prompt. */
  #takeSpace(): void {
    this.#space = ''
    this.#hasBlocks = true
  }

  #read(text: string): void {
    const block = this.#block
    if (block === null) this.#sayAnswer(text)
    else {
      if (!block.hasCalls) block.raw += text
      this.#tell(block, block.reader.push(text))
      if (block.reader.failed) this.#giveUp(block)
    }
  }

  #endBlock(closing: string): void {
    const block = this.#block
    const rest = this.#call.decode()
    if (block === null) this.#sayAnswer(rest + closing)
    else {
      if (rest !== '') this.#read(rest)
      block.raw += closing
      this.#tell(block, block.reader.end())
      if (block.reader.failed && this.#block !== null) this.#giveUp(block)
    }
    this.#block = null
  }

  /** The block's text is the answer's after all. */
  #giveUp(block: OpenBlock): void {
    this.#block = null
    this.#sayAnswer(block.raw)
  }

  #tell(block: OpenBlock, parts: readonly CallPart[]): void {
    for (const part of parts) {
      if (part.type === 'call-start') this.#startCall(block, part)
      else if (part.type === 'call-end') this.#events.push({ type: 'call-end', index: this.#calls - 1 })
      else if (part.text !== '') this.#events.push({ ...part, index: this.#calls - 1 })
    }
  }

  #startCall(block: OpenBlock, { name, id }: Extract<CallPart, { type: 'call-start' }>): void {
    const { grammar, newCallId } = this.#options
    const isShort = grammar.type === 'tags' && typeof grammar.tools !== 'string' && grammar.tools.shortIds
    if (!block.hasCalls) this.#takeSpace()
    block.hasCalls = true
    block.raw = ''
    this.#events.push({
      type: 'call-start',
      index: this.#calls++,
      id: id || newCallId(isShort ? 'short' : 'long'),
      name,
    })
  }

  #sayReasoning(text: string): void {
    if (text !== '') this.#events.push({ type: 'reasoning-delta', text })
  }

  #sayAnswer(text: string): void {
    if (text === '') return
    if (this.#space === null) {
      this.#events.push({ type: 'answer-delta', text })
      return
    }
    const space = this.#space + text
    if (space.trim() === '') {
      this.#space = space
      return
    }
    const isFirst = this.#hasBlocks && !this.#hasText
    this.#events.push({ type: 'answer-delta', text: isFirst ? space.trimStart() : space })
    this.#space = null
    this.#hasText = true
  }
}

function textOf(byteText: string): string {
  return new TextDecoder().decode(bytesOf(byteText))
}
