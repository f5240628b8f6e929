// Text: between text and a model's tokens. This room owns tokenizers, chat templates and vocabularies, from
// GGUF metadata or a Hugging Face folder. It must not know weights or graphs, nor let a user's text become a
// control token.

import { GatewayError } from '../../gateway-error.ts'
import type { ChatMessage, ChatPrompt } from '../../steer/chat-prompt.ts'
import { type TokenId, tokenId } from '../../steer/token-id.ts'
import { createPlainEncoder, type EncoderSource } from '../encoding/plain-encoder.ts'
import { createChatTemplate } from './chat-template.ts'
import { createControlText } from './control-text.ts'
import { mappedStrings } from './mapped-strings.ts'
import { withoutThoughts } from './without-thoughts.ts'

export interface EncodeOptions {
  /** Encoding ends as soon as there are more tokens than this: nobody wants the rest. */
  readonly atMost?: number | undefined
}

export interface EncodeChatOptions extends EncodeOptions, Omit<ChatPrompt, 'messages'> {
  /** The date that a template may show: give both streams the same. */
  readonly now?: Date | undefined
  /** Refuses what the template would leave out: texts of messages, but for what a model thought before. */
  readonly whole?: boolean | undefined
}

/** Turns text into a model's token ids. Text of users never becomes a control token. */
export interface Tokenizer {
  /** Plain text: no BOS, and text that looks like a control token stays text. */
  encode(text: string, options?: EncodeOptions): TokenId[]
  /**
   * A raw prompt, as completion servers read it: begins with `promptStart`, and control tokens
   * written in it are control tokens. For text that a program composed, never for a message.
   */
  encodePrompt(text: string, options?: EncodeOptions): TokenId[]
  /** What every raw prompt begins with: the BOS token, or nothing. */
  readonly promptStart: readonly TokenId[]
  /**
   * Renders the conversation with the model's chat template, ready for the assistant's
   * first token. Many templates add a system message of their own where there is none.
   * Throws GatewayError `invalid_request` when the template does not render them.
   */
  encodeChat(messages: readonly ChatMessage[], options?: EncodeChatOptions): TokenId[]
}

// Private-use characters, of which one that occurs in no message marks broken control tokens
const FIRST_BREAKER = 0xe000
const LAST_BREAKER = 0xf8ff
const PRIVATE_USE = /[\ue000-\uf8ff]/g

/**
 * Builds the tokenizer, which takes about 0.2 s of this thread for 150,000 tokens whose merges are not
 * laid out yet. Throws GatewayError `model_file_invalid` when the files describe none that is supported.
 */
export function createTokenizer(source: EncoderSource): Tokenizer {
  const { prependBos, bosToken } = source
  const encodePlain = createPlainEncoder(source)
  const controlText = createControlText(source.tokenizerJson)
  const template = createChatTemplate(source)
  const bos = source.tokenizerJson.added_tokens.find(({ content }) => content === bosToken)
  const addsBos = prependBos || source.tokenizerConfig.add_bos_token === true
  const promptStart = addsBos && bos !== undefined ? [tokenId(bos.id)] : []
  /** `plain` undoes what was done to a text to keep it plain. */
  const encodePieces = (text: string, atMost: number | undefined, plain = (piece: string) => piece) => {
    const ids: TokenId[] = []
    for (const piece of controlText.split(text)) {
      if (ids.length > (atMost ?? Number.POSITIVE_INFINITY)) break
      if (piece.type === 'control') ids.push(tokenId(piece.id))
      else {
        const first = ids.length === 0
        const most = atMost === undefined ? undefined : atMost - ids.length
        for (const id of encodePlain(plain(piece.text), { first, atMost: most })) ids.push(id)
      }
    }
    return ids
  }
  return {
    promptStart,
    encode: (text, { atMost } = {}) => encodePlain(text, { first: true, atMost }),
    encodePrompt(text, { atMost } = {}) {
      const ids = encodePieces(text, atMost)
      return promptStart.length > 0 && ids[0] !== promptStart[0] ? [...promptStart, ...ids] : ids
    },
    encodeChat(messages, { now = new Date(), atMost, whole = false, ...rest } = {}) {
      const breaker = unusedCharacter(JSON.stringify([messages, rest]))
      const broken = (text: string) => controlText.breakControlTokens(text, breaker)
      const { messages: safe, ...safeRest } = mappedStrings(
        { messages, ...rest },
        { text: broken, key: broken },
      )
      const rendered = template(safe, { ...safeRest, now, addGenerationPrompt: true })
      if (whole && !holdsAll(rendered, safe)) throw incomplete()
      const ids = encodePieces(rendered, atMost, (piece) => piece.replaceAll(breaker, ''))
      if (prependBos && bos && ids[0] !== bos.id) ids.unshift(tokenId(bos.id))
      return ids
    },
  }
}

/** Whether a rendered conversation holds all texts of its messages, in their order. */
function holdsAll(rendered: string, messages: readonly ChatMessage[]): boolean {
  let from = 0
  for (const message of messages) {
    const { tool_calls: calls = [] } = message
    const text = withoutThoughts(message).trim()
    const at = rendered.indexOf(text, from)
    if (at === -1) return false
    from = at + text.length
    if (calls.some((call) => !rendered.includes(call.function.name, from))) return false
  }
  return true
}

function incomplete(): GatewayError {
  const message = "The local model's chat template leaves out a part of this conversation."
  return new GatewayError('invalid_request', message, { param: 'messages' })
}

function unusedCharacter(text: string): string {
  const used = new Set(text.match(PRIVATE_USE))
  for (let code = FIRST_BREAKER; code <= LAST_BREAKER; code++) {
    const character = String.fromCharCode(code)
    if (!used.has(character)) return character
  }
  throw new GatewayError(
    'invalid_request',
    'The messages hold every private-use character of Unicode. Send text.',
    {
      param: 'messages',
    },
  )
}
