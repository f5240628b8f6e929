// Text: between text and a model's tokens. This room owns tokenizers, chat templates and vocabularies, from
// GGUF metadata or a Hugging Face folder. It must not know weights or graphs, nor let a user's text become a
// control token.

import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers'
import { GatewayError } from '../../gateway-error.ts'
import { type TokenId, tokenId } from '../../steer/token-id.ts'
import type { ChatMessage } from '../../steer/upstream.ts'
import { modelFileInvalid } from '../model-file-invalid.ts'
import { createChatTemplate } from './chat-template.ts'
import { createControlText } from './control-text.ts'
import { isControlToken, type TokenizerSource, tokenStrings } from './tokenizer-source.ts'
import { withUnicodeDigits } from './unicode-digits.ts'

/** Turns text into a model's token ids. Text of users never becomes a control token. */
export interface Tokenizer {
  /** Plain text: no BOS, and text that looks like a control token stays text. */
  encode(text: string): TokenId[]
  /**
   * A raw prompt, as completion servers read it: begins with `promptStart`, and control tokens
   * written in it are control tokens. For text that a program composed, never for a message.
   */
  encodePrompt(text: string): TokenId[]
  /** What every raw prompt begins with: the BOS token, or nothing. */
  readonly promptStart: readonly TokenId[]
  /**
   * Renders the conversation with the model's chat template, ready for the assistant's
   * first token. Many templates add a system message of their own where there is none.
   * `now` is the date that a template may show: give both streams the same. Throws
   * GatewayError `invalid_request` when the template refuses the roles.
   */
  encodeChat(messages: readonly ChatMessage[], options?: { readonly now?: Date }): TokenId[]
}

// Private-use characters, of which one that occurs in no message marks broken control tokens
const FIRST_BREAKER = 0xe000
const LAST_BREAKER = 0xf8ff

/**
 * Builds the tokenizer, which takes about 0.2 s of this thread for 150,000 tokens.
 * Throws GatewayError `model_file_invalid` when the files describe none that is supported.
 */
export function createTokenizer(source: TokenizerSource): Tokenizer {
  const encodePlain = plainEncoder(source)
  const controlText = createControlText(source.tokenizerJson)
  const template = createChatTemplate(source)
  const bos = source.tokenizerJson.added_tokens.find(({ content }) => content === source.bosToken)
  const addsBos = source.prependBos || source.tokenizerConfig.add_bos_token === true
  const promptStart = addsBos && bos !== undefined ? [tokenId(bos.id)] : []
  /** `plain` undoes what was done to a text to keep it plain. */
  const encodePieces = (text: string, plain = (piece: string) => piece) => {
    const ids: TokenId[] = []
    for (const piece of controlText.split(text)) {
      if (piece.type === 'control') ids.push(tokenId(piece.id))
      else for (const id of encodePlain(plain(piece.text), ids.length === 0)) ids.push(id)
    }
    return ids
  }
  return {
    promptStart,
    encode: (text) => encodePlain(text, true),
    encodePrompt(text) {
      const ids = encodePieces(text)
      return promptStart.length > 0 && ids[0] !== promptStart[0] ? [...promptStart, ...ids] : ids
    },
    encodeChat(messages, { now = new Date() } = {}) {
      const breaker = unusedCharacter(messages)
      const safe = messages.map(({ role, content }) => ({
        role,
        content: controlText.breakControlTokens(content, breaker),
      }))
      const rendered = template(safe, { now, addGenerationPrompt: true })
      const ids = encodePieces(rendered, (piece) => piece.replaceAll(breaker, ''))
      if (source.prependBos && bos && ids[0] !== bos.id) ids.unshift(tokenId(bos.id))
      return ids
    },
  }
}

function unusedCharacter(messages: readonly ChatMessage[]): string {
  for (let code = FIRST_BREAKER; code <= LAST_BREAKER; code++) {
    const character = String.fromCharCode(code)
    if (!messages.some(({ content }) => content.includes(character))) return character
  }
  throw new GatewayError(
    'invalid_request',
    'The messages hold every private-use character of Unicode. Send text.',
    {
      param: 'messages',
    },
  )
}

/** Encodes text between control tokens; `first` says that nothing stands before it. */
type PlainEncoder = (text: string, first: boolean) => TokenId[]

function plainEncoder(source: TokenizerSource): PlainEncoder {
  const { tokenizerJson, origin } = source
  // Stands for the control token before a text, since SentencePiece models treat the very
  // first text differently
  const before = {
    id: tokenStrings(tokenizerJson).length,
    content: '\uFDD0',
    special: true,
    normalized: false,
  }
  const library = libraryTokenizer(source, before)
  const hasSections = JSON.stringify(tokenizerJson.pre_tokenizer ?? null).includes('"prepend_scheme":"first"')
  return (text, first) => {
    if (text === '') return []
    const sectioned = hasSections && !first
    // The stand-in is a noncharacter, which no text may use to exchange
    const clean = text.replaceAll(before.content, '\uFFFD')
    const marked = sectioned ? before.content + clean : clean
    const ids: readonly (number | undefined)[] = library.encode(marked, { add_special_tokens: false }).ids
    return Array.from(sectioned ? ids.slice(1) : ids, (id) => {
      if (id !== undefined) return tokenId(id)
      throw modelFileInvalid(origin, 'its vocabulary does not cover all bytes. Take another model.')
    })
  }
}

function libraryTokenizer(
  { tokenizerJson, tokenizerConfig, origin }: TokenizerSource,
  standIn: { readonly id: number; readonly content: string },
): LibraryTokenizer {
  try {
    return new LibraryTokenizer(
      {
        ...tokenizerJson,
        normalizer: tokenizerJson.normalizer ?? null,
        pre_tokenizer: withUnicodeDigits(tokenizerJson.pre_tokenizer ?? null),
        post_processor: null,
        decoder: tokenizerJson.decoder ?? null,
        added_tokens: [...tokenizerJson.added_tokens.filter((token) => !isControlToken(token)), standIn],
      },
      tokenizerConfig,
    )
  } catch (cause) {
    throw modelFileInvalid(
      origin,
      'its tokenizer is of a kind that is not supported. Take another model.',
      cause,
    )
  }
}
