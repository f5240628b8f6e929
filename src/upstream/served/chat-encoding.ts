import { createHash } from 'node:crypto'
import { GatewayError } from '../../gateway-error.ts'
import { mappedStrings } from '../../slm/text/mapped-strings.ts'
import type { ChatPrompt } from '../../steer/chat-prompt.ts'
import { type TokenId, tokenIds } from '../../steer/token-id.ts'

/** A server's own chat template and tokenizer. */
export interface ChatServer {
  /** The whole prompt. Control strings in what the client wrote act as control tokens. */
  encode(chat: ChatPrompt, signal: AbortSignal): Promise<readonly number[]>
  /** The same as text. */
  render(chat: ChatPrompt, signal: AbortSignal): Promise<string>
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
 * Encodes a conversation so that nothing written in a message, a call or a tool becomes a control token.
 * Those without control strings (all but hostile or very odd ones) are tokenised in one piece, exactly as the
 * server itself does it. Rejects with `invalid_request` where the name of a field holds such a string.
 */
export async function encodeChat(
  server: ChatServer,
  chat: ChatPrompt,
  signal: AbortSignal,
): Promise<TokenId[]> {
  const { messages, ...rest } = chat
  const contents = messages.map(({ content }) => content)
  const beside: string[] = []
  const add = (text: string): string => {
    beside.push(text)
    return text
  }
  const aroundContents = messages.map(({ role, content, ...around }) => around)
  mappedStrings([aroundContents, rest], { text: add, key: add })
  const [whole, ofWritten] = await Promise.all([
    server.encode(chat, signal),
    server.tokenizeTemplate([...contents, ...beside].join('\n'), false, signal),
  ])
  if (!ofWritten.some((id) => server.isControl(id))) return tokenIds(whole)
  return encodeInPieces(server, chat, { odd: await oddTexts(server, beside, signal), signal })
}

/** No control token of any vocabulary is written in these characters alone. */
const PLAIN = /^[\w .,-]*$/

/** Those in which control strings would act. */
async function oddTexts(
  server: ChatServer,
  written: readonly string[],
  signal: AbortSignal,
): Promise<Set<string>> {
  const odd = new Set<string>()
  const suspects = [...new Set(written)].filter((text) => !PLAIN.test(text))
  await Promise.all(
    suspects.map(async (text) => {
      const ids = await server.tokenizeTemplate(text, false, signal)
      if (ids.some((id) => server.isControl(id))) odd.add(text)
    }),
  )
  return odd
}

/** Renders placeholders instead of contents and odd texts, and tokenises template and texts apart. */
async function encodeInPieces(
  server: ChatServer,
  { messages, ...rest }: ChatPrompt,
  { odd, signal }: { readonly odd: ReadonlySet<string>; readonly signal: AbortSignal },
): Promise<TokenId[]> {
  // A text cannot contain its own hash.
  const others = Object.keys(rest).length === 0 ? '' : JSON.stringify(rest)
  const hash = createHash('sha256')
    .update(JSON.stringify(messages) + others)
    .digest('hex')
  const mark = `content${hash.slice(0, 24)}`
  const placed: string[] = []
  const place = (text: string) => `${mark}n${placed.push(text) - 1}e`
  const within = {
    text: (text: string) => (odd.has(text) ? place(JSON.stringify(text).slice(1, -1)) : text),
    key: (key: string) => {
      if (!odd.has(key)) return key
      const message = "The name of a field in a tool or call holds one of the model's control tokens."
      throw new GatewayError('invalid_request', `${message} Rename it.`, { param: 'tools' })
    },
  }
  const marked = messages.map(({ content, ...message }) => ({
    ...mappedStrings(message, within),
    content: content === '' ? '' : place(content),
  }))
  const rendered = await server.render({ ...mappedStrings(rest, within), messages: marked }, signal)
  const pieces = rendered.split(new RegExp(`${mark}n(\\d+)e`))
  const encoded = await Promise.all(
    pieces.map((piece, at) => {
      if (at % 2 === 1) return server.tokenizePlain(placed[Number(piece)] ?? '', signal)
      return piece === '' ? [] : server.tokenizeTemplate(piece, at === 0, signal)
    }),
  )
  return tokenIds(encoded.flat())
}
