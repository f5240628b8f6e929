import type { AnswerEvent, FinishReason } from '../../../gateway/answer.ts'
import { jsonValue } from '../../../json-value.ts'
import type { TracedEvent } from '../trace/trace-object.ts'
import type { WireTrace } from '../trace/trace-schema.ts'
import { type ReportedToken, reportedToken } from '../wire/token-logprobs.ts'
import { itemAdded, itemDelta, itemDone } from './item-events.ts'
import { callItem, messageItem, outputText, reasoningItem } from './response-items.ts'
import type { ResponseEvent, WireItem } from './response-object-schema.ts'

/** What an answer says. */
export type SaidEvent = Exclude<AnswerEvent, TracedEvent | { readonly type: 'answer-end' }>

/** The item that the answer is at. */
interface OpenItem {
  readonly begun: WireItem
  readonly texts: string[]
  readonly logprobs: ReportedToken[]
}

/**
 * The items of one response, in the order in which the model has them: thoughts, messages and calls. Each
 * method returns the events that tell of it. An item is added with its first text or its name, and is done
 * once the next one begins or the answer ends.
 */
export class ResponseOutput {
  readonly #responseId: string
  readonly #items: WireItem[] = []
  #open: OpenItem | null = null
  /** Tokens without text that came outside of a message, which the next one reports. */
  #heldLogprobs: ReportedToken[] = []
  /** Traces of what came before the first item, which are told beside it. */
  #heldTraces: WireTrace[] = []

  constructor(responseId: string) {
    this.#responseId = responseId
  }

  /** Those that are done. */
  get items(): readonly WireItem[] {
    return this.#items
  }

  say(event: SaidEvent): readonly ResponseEvent[] {
    switch (event.type) {
      case 'reasoning-delta':
        return [...this.#in('reasoning'), ...this.#more(event.text)]
      case 'text-delta':
        return this.#sayText(event.text, event.tokens.map(reportedToken))
      case 'call-start':
        return this.#begin(callItem(this.#nextPlace(), 'in_progress', { ...event, arguments: '' }))
      case 'call-arguments':
        return this.#more(event.text)
      case 'call-end':
        return []
    }
  }

  /** OpenAI's clients throw at events of a type that they do not know: a trace comes with an empty delta. */
  trace(trace: WireTrace): readonly ResponseEvent[] {
    if (this.#open !== null) return [itemDelta(this.#open.begun, this.#items.length, { text: '', trace })]
    this.#heldTraces.push(trace)
    return []
  }

  /** An answer without a word and without a call is an empty message. */
  end(finishReason: FinishReason): readonly ResponseEvent[] {
    const ending = finishReason === 'length' ? 'incomplete' : 'completed'
    const last = this.#close(ending)
    const isSilent = this.#items.every(({ type }) => type === 'reasoning')
    return isSilent ? [...last, ...this.#in('message'), ...this.#close(ending)] : last
  }

  #sayText(text: string, logprobs: readonly ReportedToken[]): readonly ResponseEvent[] {
    if (text === '' && this.#open?.begun.type !== 'message') {
      this.#heldLogprobs.push(...logprobs)
      return []
    }
    const added = this.#in('message')
    const reported = [...this.#heldLogprobs, ...logprobs]
    this.#heldLogprobs = []
    return [...added, ...this.#more(text, reported)]
  }

  #nextPlace() {
    return { responseId: this.#responseId, index: this.#items.length + (this.#open === null ? 0 : 1) }
  }

  /** Has an item of the type open. */
  #in(type: 'reasoning' | 'message'): readonly ResponseEvent[] {
    if (this.#open?.begun.type === type) return []
    const newItem = type === 'message' ? messageItem : reasoningItem
    return this.#begin(newItem(this.#nextPlace(), 'in_progress', []))
  }

  #begin(begun: WireItem): readonly ResponseEvent[] {
    const closed = this.#close('completed')
    this.#open = { begun, texts: [], logprobs: [] }
    const traces = this.#heldTraces
    this.#heldTraces = []
    return [
      ...closed,
      ...itemAdded(begun, this.#items.length),
      ...traces.flatMap((trace) => this.trace(trace)),
    ]
  }

  #more(text: string, logprobs: readonly ReportedToken[] = []): readonly ResponseEvent[] {
    if (this.#open === null) return []
    const { begun, texts, logprobs: reported } = this.#open
    texts.push(text)
    reported.push(...logprobs)
    return [itemDelta(begun, this.#items.length, { text, logprobs })]
  }

  #close(ending: 'completed' | 'incomplete'): readonly ResponseEvent[] {
    if (this.#open === null) return []
    const item = this.#whole(this.#open, ending)
    const index = this.#items.push(item) - 1
    this.#open = null
    return itemDone(item, index)
  }

  #whole({ begun, texts, logprobs }: OpenItem, ending: 'completed' | 'incomplete'): WireItem {
    const place = { responseId: this.#responseId, index: this.#items.length }
    const text = texts.join('')
    if (begun.type === 'message') return messageItem(place, ending, [outputText(text, logprobs)])
    if (begun.type === 'reasoning') return reasoningItem(place, ending, [text])
    // A call that is whole had its end before the answer was cut off
    const status = ending === 'incomplete' && jsonValue(text) !== undefined ? 'completed' : ending
    return callItem(place, status, { id: begun.call_id, name: begun.name, arguments: text })
  }
}
