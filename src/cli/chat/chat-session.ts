// This room owns a conversation in the terminal: what was said, what is typed, how answers are shown. It
// knows nothing of the gateway but its HTTP API.

import { randomInt } from 'node:crypto'
import { NO_PROFILE } from '../../profiles/profile.ts'
import type { Ask } from '../gateway-access/running-gateway.ts'
import { type ChatAnswer, type ChatQuestion, type ChatTurn, chatAnswer } from './chat-answer.ts'
import type { AnswerDisplay, ChatDisplay } from './chat-display.ts'

export interface ChatSettings extends Omit<ChatQuestion, 'messages'> {
  /** Whether each question is answered without the profile as well. */
  readonly compare: boolean
}

export interface ChatExchange {
  /** Null unless a comparison was asked for. */
  readonly unsteered: ChatAnswer | null
  readonly answer: ChatAnswer
}

/** A conversation with a gateway, which goes on from the steered answers. */
export class ChatSession {
  readonly #ask: Ask
  readonly #system: readonly ChatTurn[]
  #turns: readonly ChatTurn[] = []
  settings: ChatSettings

  constructor(ask: Ask, settings: ChatSettings, system?: string) {
    this.#ask = ask
    this.settings = settings
    this.#system = system === undefined ? [] : [{ role: 'system', content: system }]
  }

  /** Forgets what was said. */
  restart(): void {
    this.#turns = []
  }

  /**
   * Asks once; a turn that fails, or is ended before its first word, is forgotten. Rejects with GatewayError.
   */
  async say(prompt: string, display: ChatDisplay, signal: AbortSignal): Promise<ChatExchange> {
    const { compare, ...settings } = this.settings
    const asked: ChatTurn = { role: 'user', content: prompt }
    // With one seed for both, what differs is the profile's doing.
    const seed = settings.seed ?? (compare ? randomInt(2 ** 31) : undefined)
    const question = { ...settings, seed, messages: [...this.#system, ...this.#turns, asked] }
    const exchange = compare
      ? await this.#compared(question, display, signal)
      : { unsteered: null, answer: await this.#answer(question, display.answer(), signal) }
    const { text } = exchange.answer
    if (text !== '') this.#turns = [...this.#turns, asked, { role: 'assistant', content: text }]
    return exchange
  }

  async #compared(question: ChatQuestion, display: ChatDisplay, signal: AbortSignal): Promise<ChatExchange> {
    const { unsteered: left, steered: right, atOnce } = display.comparison(question.profile)
    const plain = { ...question, profile: NO_PROFILE }
    if (!atOnce) {
      const unsteered = await this.#answer(plain, left, signal)
      return { unsteered, answer: await this.#answer(question, right, signal) }
    }
    // Where one fails, the other one is not wanted any more
    const failed = new AbortController()
    const either = AbortSignal.any([signal, failed.signal])
    const answers = [this.#answer(plain, left, either), this.#answer(question, right, either)] as const
    try {
      const [unsteered, answer] = await Promise.all(answers)
      return { unsteered, answer }
    } catch (failure) {
      failed.abort()
      await Promise.allSettled(answers)
      throw failure
    }
  }

  async #answer(question: ChatQuestion, display: AnswerDisplay, signal: AbortSignal): Promise<ChatAnswer> {
    display.begin?.()
    const answer = await chatAnswer(this.#ask, question, { reader: display, signal })
    display.end(answer)
    return answer
  }
}
