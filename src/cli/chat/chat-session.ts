import { randomInt } from 'node:crypto'
import { noProfile } from '../../profiles/profile.ts'
import type { Ask } from '../gateway-access.ts'
import { type ChatAnswer, type ChatQuestion, type ChatTurn, chatAnswer } from './chat-answer.ts'

export interface ChatSettings extends Omit<ChatQuestion, 'messages'> {
  /** Whether each question is answered without the profile first. */
  readonly compare: boolean
}

/** How the answers of a turn are shown. */
export interface ChatDisplay {
  /** Before an answer of a comparison. */
  heading(text: string): void
  text(text: string): void
  /** After each answer. */
  end(answer: ChatAnswer): void
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

  /** Asks once; a turn that fails, or is ended before its first word, is forgotten. Rejects with GatewayError. */
  async say(prompt: string, display: ChatDisplay, signal: AbortSignal): Promise<ChatExchange> {
    const { compare, ...settings } = this.settings
    const asked: ChatTurn = { role: 'user', content: prompt }
    // With one seed for both, what differs is the profile's doing.
    const seed = settings.seed ?? (compare ? randomInt(2 ** 31) : undefined)
    const question = { ...settings, seed, messages: [...this.#system, ...this.#turns, asked] }
    const unsteered = compare
      ? await this.#answer({ ...question, profile: noProfile }, 'without a profile', display, signal)
      : null
    const heading = compare ? `with ${settings.profile ?? "the caller's profile"}` : null
    const answer = await this.#answer(question, heading, display, signal)
    if (answer.text !== '') {
      this.#turns = [...this.#turns, asked, { role: 'assistant', content: answer.text }]
    }
    return { unsteered, answer }
  }

  async #answer(
    question: ChatQuestion,
    heading: string | null,
    display: ChatDisplay,
    signal: AbortSignal,
  ): Promise<ChatAnswer> {
    if (heading !== null) display.heading(heading)
    const answer = await chatAnswer(this.#ask, question, { onText: (text) => display.text(text), signal })
    display.end(answer)
    return answer
  }
}
