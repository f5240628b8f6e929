import { GatewayError } from '../../gateway-error.ts'
import type { BackgroundTokenizer } from '../../slm/encoding-thread/background-tokenizer.ts'
import { withoutThoughts } from '../../slm/text/without-thoughts.ts'
import type { ChatPrompt } from '../../steer/chat-prompt.ts'
import type { UpstreamLimits } from '../../steer/upstream.ts'

export interface TokenCountOptions {
  readonly limits: Pick<UpstreamLimits, 'contextTokens'>
  /** Of the upstream's model. */
  readonly background: BackgroundTokenizer
  readonly signal: AbortSignal
}

/** Shorter conversations are encoded soon enough, wherever that is. */
const WORTH_COUNTING = 64 * 1024

/**
 * Of what templates may drop or write shorter, such as white space around a message, so many windows are let
 * through: a server that keeps it replies with as many token ids.
 */
const MOST_WINDOWS_OF_REST = 2

/**
 * Refuses large conversations whose texts alone have more tokens than the upstream's window, so that
 * no server reads them and replies with millions of token ids. Rejects with `context_length_exceeded`.
 */
export async function checkTokenCount(
  { messages, tools = [] }: Pick<ChatPrompt, 'messages' | 'tools'>,
  { limits: { contextTokens }, background, signal }: TokenCountOptions,
): Promise<void> {
  async function check(text: string, most: number): Promise<void> {
    if (text.length < WORTH_COUNTING) return
    // A template writes more between two messages than a line break can take away where it merges.
    const atMost = most + messages.length
    const { length } = await background.run((tokenizer) => tokenizer.encode(text), { signal, atMost })
    if (length <= atMost) return
    const counted = tools.length === 0 ? 'messages' : 'messages and tools'
    const message = `The request's ${counted} come to at least ${length} tokens, and the upstream model's window holds ${contextTokens}. Shorten them.`
    throw new GatewayError('context_length_exceeded', message, { param: 'messages' })
  }
  const texts = messages.map(withoutThoughts)
  const certain = texts.map((text) => text.trim()).join('\n')
  await check(certain, contextTokens)
  // Templates write tools and calls in forms of their own, and some servers drop part of them
  const called = messages.flatMap(({ tool_calls: calls = [] }) => calls.map((call) => call.function))
  const described = tools.map((tool) => JSON.stringify(tool.function))
  const whole = [...texts, ...called.map(({ arguments: json }) => json), ...described].join('\n')
  if (whole.length >= certain.length + WORTH_COUNTING)
    await check(whole, MOST_WINDOWS_OF_REST * contextTokens)
}
