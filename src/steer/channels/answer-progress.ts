import type { DecodeGuard } from '../guard/decode-guard.ts'
import { PublicSequence } from '../guard/public-sequence.ts'
import type { PublicTokens } from '../guard/public-tokens.ts'
import type { TokenId } from '../token-id.ts'
import type { AnswerChannels, ChannelState } from './answer-channels.ts'

/**
 * How far an answer has come: its tokens, as the client and as the upstream reads them, whether the next
 * one may be steered, and which of them the local model has yet to read. It is a function of the prompt,
 * the tokens and the aliases alone. Without channels every token is the answer's.
 */
export class AnswerProgress {
  /** The tokens so far, of all channels, as the client reads them. */
  readonly emitted: TokenId[] = []
  readonly #public: PublicSequence
  readonly #channels: AnswerChannels | null
  #state: ChannelState | null
  /** The last tokens, which may yet turn out to belong to another channel. */
  readonly #unsettled: TokenId[] = []
  #unread: TokenId[] = []
  #ownIsText = false
  #differs: boolean
  #isAlike = true
  #closed: readonly (readonly TokenId[])[] = []
  #closing: readonly (readonly TokenId[])[] = []

  constructor(prompt: PublicTokens, channels: AnswerChannels | null, guard: DecodeGuard | null = null) {
    this.#public = new PublicSequence(prompt, guard)
    this.#differs = guard?.masksPrompt ?? false
    this.#channels = channels
    this.#state = channels?.begin(prompt) ?? null
  }

  /** Tokens so far, of all channels: the index of the next one. */
  get position(): number {
    return this.emitted.length
  }

  /** The prompt and the tokens so far, as the upstream reads them. */
  get prefix(): PublicTokens {
    return this.#public.tokens
  }

  /** How many tokens these are. */
  get publicLength(): number {
    return this.#public.length
  }

  /** The tokens so far, as the upstream reads them. */
  get publicTokens(): readonly TokenId[] {
    return this.#public.answer
  }

  /** Whether the upstream reads another text than the client and the local pair. */
  get differs(): boolean {
    return this.#differs
  }

  /** Whether the next token may be a steered one. */
  get steered(): boolean {
    return this.#state?.steered ?? true
  }

  /**
   * Whether the next token may be steered, and both models stand right before it once they have read the last
   * one. The local model does not read white space in front of the answer's first text.
   */
  get goesOnAlike(): boolean {
    return (
      this.#isAlike && this.steered && this.#unread.length === 1 && this.#unread[0] === this.emitted.at(-1)
    )
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

  /** Whether a word may begin here, as the upstream reads the text. */
  get atBorder(): boolean {
    return this.#public.atBorder
  }

  /** Whether a token may not come next: it would go on with a private value that was not to be emitted. */
  isClosed(token: TokenId): boolean {
    const isLast = (path: readonly TokenId[]) => path.length === 1 && path[0] === token
    return this.#closed.some(isLast) || this.#public.completes(token)
  }

  /** Whether a token would go on with the last word of a value that has just been emitted. */
  lengthens(token: TokenId): boolean {
    return this.#public.lengthens(token)
  }

  /** The prefix with tokens behind it; null where the upstream may not be asked about them. */
  followedBy(tokens: readonly TokenId[]): PublicTokens | null {
    return this.#public.followedBy(tokens)
  }

  /** Whether it may be. */
  mayBeFollowedBy(tokens: readonly TokenId[]): boolean {
    return this.#public.mayBeFollowedBy(tokens)
  }

  /** Notes what may not come behind the next token: of each path, the last token behind those before it. */
  close(paths: readonly (readonly TokenId[])[]): void {
    this.#closing = paths
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
    this.emitted.push(token)
    this.#isAlike = this.#public.take(token)
    this.#differs ||= !this.#isAlike
    if (this.#closed.length > 0 || this.#closing.length > 0) {
      const begun = this.#closed.filter(({ length, 0: first }) => length > 1 && first === token)
      this.#closed = [...begun.map((path) => path.slice(1)), ...this.#closing]
      this.#closing = []
    }
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
