import { createHash } from 'node:crypto'
import { type TokenId, tokenIds } from '../../steer/token-id.ts'
import type { ChatMessage } from '../../steer/upstream.ts'

/** A server's own chat template and tokenizer. */
export interface ChatServer {
  /**
   * The whole conversation, up to the assistant's first token. Control strings in contents act as control
   * tokens.
   */
  encode(messages: readonly ChatMessage[], signal: AbortSignal): Promise<readonly number[]>
  /** The same as text. */
  render(messages: readonly ChatMessage[], signal: AbortSignal): Promise<string>
  /**
   * Text in which control strings become control tokens; at the start of a prompt with the token that begins
   * one.
   */
  tokenizeTemplate(text: string, atStart: boolean, signal: AbortSignal): Promise<readonly number[]>
  /** Text in which control strings stay plain text. */
  tokenizePlain(text: string, signal: AbortSignal): Promise<readonly number[]>
  isControl(id: number): boolean
}

/**
 * Encodes a conversation so that nothing written in a message becomes a control token. Messages without
 * control strings (all but hostile or very odd ones) are tokenised in one piece, exactly as the server itself
 * does it.
 */
export async function encodeChat(
  server: ChatServer,
  messages: readonly ChatMessage[],
  signal: AbortSignal,
): Promise<TokenId[]> {
  const contents = messages.map((message) => message.content).join('\n')
  const [whole, ofContents] = await Promise.all([
    server.encode(messages, signal),
    server.tokenizeTemplate(contents, false, signal),
  ])
  if (!ofContents.some((id) => server.isControl(id))) return tokenIds(whole)
  return encodeInPieces(server, messages, signal)
}

/** Renders placeholders instead of the contents, and tokenises template and contents apart. */
async function encodeInPieces(
  server: ChatServer,
  messages: readonly ChatMessage[],
  signal: AbortSignal,
): Promise<TokenId[]> {
  // A text cannot contain its own hash.
  const mark = `content${createHash('sha256').update(JSON.stringify(messages)).digest('hex').slice(0, 24)}`
  const marked = messages.map((message, index) =>
    message.content === '' ? message : { ...message, content: `${mark}n${index}e` },
  )
  const rendered = await server.render(marked, signal)
  const pieces = rendered.split(new RegExp(`${mark}n(\\d+)e`))
  const encoded = await Promise.all(
    pieces.map((piece, at) => {
      if (at % 2 === 1) return server.tokenizePlain(messages[Number(piece)]?.content ?? '', signal)
      return piece === '' ? [] : server.tokenizeTemplate(piece, at === 0, signal)
    }),
  )
  return tokenIds(encoded.flat())
}
