import { z } from 'zod'
import { GatewayError } from '../../gateway-error.ts'
import type { BackgroundTokenizer } from '../../slm/encoding-thread/background-tokenizer.ts'
import type { ChatPrompt } from '../../steer/chat-prompt.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { Vocabulary } from '../../steer/vocabulary.ts'

export interface ConversationTokensOptions {
  /** Names the service in error messages. */
  readonly where: string
  readonly vocabulary: Vocabulary
  readonly background: BackgroundTokenizer
  /** What no window holds is not encoded to its end. */
  readonly contextTokens: number
}

/** What a service of conversations is asked: who said what, and how its own answer begins. */
export interface ConversationSoFar {
  readonly messages: readonly object[]
  readonly templateKwargs?: Readonly<Record<string, unknown>> | undefined
  /** Empty for an answer that has not begun. */
  readonly answer: string
}

/** The same as it was read from tokens. */
export interface DecodedConversation extends ConversationSoFar {
  /** Of the answer. */
  readonly tokens: readonly TokenId[]
}

const written = z.object({
  messages: z.array(z.looseObject({})),
  templateKwargs: z.record(z.string(), z.unknown()).optional(),
})

/**
 * Conversations as token ids from which they can be read again: the tokens of their JSON, then one control
 * token. The service renders them itself, so nobody here knows the tokens of its own prompt.
 */
export class ConversationTokens {
  readonly #options: ConversationTokensOptions
  readonly #border: TokenId | undefined

  constructor(options: ConversationTokensOptions) {
    this.#options = options
    this.#border = [...options.vocabulary.endTokens][0]
  }

  async encode({ messages, templateKwargs }: ChatPrompt, signal: AbortSignal): Promise<TokenId[]> {
    signal.throwIfAborted()
    const { background, contextTokens: atMost, vocabulary, where } = this.#options
    const json = JSON.stringify({ messages, templateKwargs })
    // Some tokenizers write a text in another form of its characters
    const inAscii = json.replace(
      /[\u0080-\uffff]/g,
      (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
    for (const text of [json, inAscii]) {
      const ids = await background.run((tokenizer) => tokenizer.encode(text, { atMost }), { signal, atMost })
      if (ids.length >= atMost || textOf(ids, vocabulary) === text) return [...ids, ...this.#borders()]
    }
    throw new GatewayError(
      'upstream_incapable',
      `${where} cannot be asked, since the local model's tokenizer does not give texts back as they were. Choose another local model.`,
    )
  }

  /** Throws GatewayError `upstream_incapable` for tokens that are no conversation. */
  decode(prefix: readonly TokenId[]): DecodedConversation {
    const { vocabulary, where } = this.#options
    const border = prefix.findIndex((id) => vocabulary.endTokens.has(id))
    if (border === -1) {
      throw new GatewayError(
        'upstream_incapable',
        `${where} continues answers of a conversation, and no other text. Ask it at /v1/chat/completions.`,
      )
    }
    const { messages, templateKwargs } = written.parse(
      JSON.parse(textOf(prefix.slice(0, border), vocabulary)),
    )
    const tokens = prefix.slice(border + 1)
    return { messages, templateKwargs, tokens, answer: textOf(tokens, vocabulary) }
  }

  #borders(): readonly TokenId[] {
    return this.#border === undefined ? [] : [this.#border]
  }
}

function textOf(ids: readonly TokenId[], vocabulary: Vocabulary): string {
  const bytes = Buffer.concat(ids.map((id) => vocabulary.bytes(id)))
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}
