import { createHash } from 'node:crypto'
import type { Public } from '../../guard/public.ts'
import type { BackgroundTokenizer } from '../../slm/encoding-thread/background-tokenizer.ts'
import type { Tokenizer } from '../../slm/text/tokenizer.ts'
import type { ChatPrompt } from '../../steer/chat-prompt.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { Upstream } from '../../steer/upstream.ts'

/**
 * Encodes conversations as the upstream's chat template does, without asking the upstream each time: that
 * costs two round trips before the first token. A conversation of a kind that was never seen is encoded by
 * the upstream and, for comparison, here; once both agreed, conversations of that kind are encoded here
 * alone.
 */
export class ChatEncodingMemory {
  readonly #upstream: Upstream
  readonly #background: BackgroundTokenizer
  /** By kind of conversation: whether the local template gave the upstream's tokens. */
  readonly #agrees = new Map<string, boolean>()

  constructor(upstream: Upstream, background: BackgroundTokenizer) {
    this.#upstream = upstream
    this.#background = background
  }

  /** Of what no window holds, perhaps only the beginning. Rejects as `Upstream.encodeChat`. */
  async encode(chat: Public<ChatPrompt>, signal: AbortSignal): Promise<readonly TokenId[]> {
    const kind = kindOf(chat)
    const { contextTokens: atMost } = this.#upstream.limits
    if (kind !== null && this.#agrees.get(kind) === true) {
      const { messages, ...rest } = chat
      return this.#background.run((tokenizer) => tokenizer.encodeChat(messages, rest), { signal, atMost })
    }
    const tokens = await this.#upstream.encodeChat(chat, signal)
    if (
      kind !== null &&
      !this.#agrees.has(kind) &&
      this.#agrees.size < MOST_KINDS &&
      tokens.length <= atMost
    ) {
      const isSame = await this.#background.run((own) => encodesTo(tokens, chat, own), { signal })
      this.#agrees.set(kind, isSame)
    }
    return tokens
  }
}

function encodesTo(
  tokens: readonly TokenId[],
  { messages, ...rest }: ChatPrompt,
  tokenizer: Tokenizer,
): boolean {
  try {
    const own = tokenizer.encodeChat(messages, { ...rest, atMost: tokens.length })
    return own.length === tokens.length && own.every((token, at) => token === tokens[at])
  } catch {
    // The local template refuses these roles.
    return false
  }
}

/** Long conversations have kinds of their own, one for each length. */
const MOST_KINDS = 1000

/**
 * What templates look at: roles, their order, and those traits of a text that some treat in a way of their
 * own. Tools and named values are a kind each: templates write them in many ways. Null for calls, of which
 * no two are alike.
 */
function kindOf({ messages, ...rest }: ChatPrompt): string | null {
  if (messages.some(({ role, tool_calls }) => role === 'tool' || tool_calls !== undefined)) return null
  const turns = messages
    .map(({ role, content }) => {
      const traits = [content === '', content !== content.trim(), /[<[{]/.test(content)]
      return role + traits.map(Number).join('')
    })
    .join(' ')
  const offered = JSON.stringify(rest)
  return offered === '{}' ? turns : `${turns} ${createHash('sha256').update(offered).digest('hex')}`
}
