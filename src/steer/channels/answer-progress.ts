import type { TokenId } from '../token-id.ts'
import type { AnswerChannels, ChannelState } from './answer-channels.ts'

/**
 * How far an answer has come: its tokens, whether the next one may be steered, and which of them the local
 * model has yet to read. It is a function of the prompt and the tokens alone. Without channels every token is
 * the answer's.
 */
export class AnswerProgress {
  /** The prompt's tokens and those of the answer, all channels. */
  readonly prefix: TokenId[]
  readonly #promptTokens: number
  readonly #channels: AnswerChannels | null
  #state: ChannelState | null
  /** The last tokens, which may yet turn out to belong to another channel. */
  readonly #unsettled: TokenId[] = []
  #unread: TokenId[] = []
  #ownIsText = false

  constructor(prompt: readonly TokenId[], channels: AnswerChannels | null) {
    this.prefix = [...prompt]
    this.#promptTokens = prompt.length
    this.#channels = channels
    this.#state = channels?.begin(prompt) ?? null
  }

  /** Tokens so far, of all channels: the index of the next one. */
  get position(): number {
    return this.prefix.length - this.#promptTokens
  }

  /** The tokens so far, of all channels. */
  get emitted(): TokenId[] {
    return this.prefix.slice(this.#promptTokens)
  }

  /** Whether the next token may be a steered one. */
  get steered(): boolean {
    return this.#state?.steered ?? true
  }

  /** Whether it stands before any text, or behind a closed block, where another one may follow. */
  get isBetween(): boolean {
    return this.#state?.region === 'start' || this.#state?.region === 'between'
  }

  /** Whether the upstream's own choice for the next token is known to open and close no channel. */
  get ownIsText(): boolean {
    return this.#ownIsText
  }

  /** Notes that it is. */
  nextIsText(): void {
    this.#ownIsText = true
  }

  /** The answer's own tokens that `read` has not told yet. */
  read(): readonly TokenId[] {
    const unread = this.#unread
    this.#unread = []
    return unread
  }

  /** What may not be steered towards or away from here; null where nothing is structural. */
  get isStructural(): ((token: TokenId) => boolean) | null {
    const channels = this.#channels
    const state = this.#state
    return channels === null || state === null ? null : (token) => channels.isStructural(state, token)
  }

  take(token: TokenId): void {
    this.prefix.push(token)
    this.#ownIsText = false
    if (this.#channels === null || this.#state === null) {
      this.#unread.push(token)
      return
    }
    const { state, settled } = this.#channels.next(this.#state, token)
    this.#state = state
    this.#unsettled.push(token)
    for (const { channel, structural } of settled) {
      const oldest = this.#unsettled.shift()
      if (oldest !== undefined && channel === 'answer' && !structural) this.#unread.push(oldest)
    }
  }
}
