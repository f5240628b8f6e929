import type { BackgroundTokenizer } from '../../slm/encoding-thread/background-tokenizer.ts'
import type { ControlTokens } from '../../slm/text/control-tokens.ts'
import type { Tokenizer } from '../../slm/text/tokenizer.ts'
import { callArguments } from '../../steer/channels/tool-calls/call-arguments.ts'
import type { ChatMessage, ChatPrompt } from '../../steer/chat-prompt.ts'
import { tokenId } from '../../steer/token-id.ts'
import type { Upstream } from '../../steer/upstream.ts'
import { localChatEncoding } from '../completions/text-upstream.ts'
import type { HttpEndpoint } from '../http/http-endpoint.ts'
import { type ChatServer, encodeChat } from '../served/chat-encoding.ts'
import { inServerTemplate } from '../served/template-refusal.ts'
import { rendered } from './replies.ts'
import type { LoadSettings } from './server.ts'

export interface OllamaChatOptions extends LoadSettings {
  readonly endpoint: HttpEndpoint
  readonly model: string
  readonly tokenizer: Tokenizer
  readonly background: BackgroundTokenizer
  readonly controlTokens: ControlTokens
  /** The model's window. */
  readonly windowTokens: number
}

/**
 * Conversations in the model's tokens: as Ollama renders them, where it tells, and else by the local
 * template. A model's template at Ollama may be another than the one in its file.
 */
export async function ollamaChatEncoding(
  options: OllamaChatOptions,
  signal: AbortSignal,
): Promise<Upstream['encodeChat']> {
  const local = localChatEncoding(options.background, options.windowTokens)
  const greeting: ChatPrompt = { messages: [{ role: 'user', content: 'Hello there' }] }
  const render = (chat: ChatPrompt, until: AbortSignal) => renderedAt(options, chat, until)
  if ((await render(greeting, signal)) === null) return local
  return async (chat, until) => {
    const body = renderBody(chat)
    if (body === null) return local(chat, until)
    const whole = async (asked: ChatPrompt) => {
      const template = { where: options.endpoint.where, render: (one: ChatPrompt) => render(one, until) }
      return (await inServerTemplate(asked, template)) ?? ''
    }
    return encodeChat(chatServer(options, whole), chat, until)
  }
}

function chatServer(
  { tokenizer, background, controlTokens, windowTokens: atMost }: OllamaChatOptions,
  render: (chat: ChatPrompt) => Promise<string>,
): ChatServer {
  const start = tokenizer.promptStart.length
  const encoded = (text: string, atStart: boolean, signal: AbortSignal) =>
    background.run(
      (own) => {
        const ids = own.encodePrompt(text, { atMost })
        return atStart ? ids : ids.slice(start)
      },
      { signal, atMost },
    )
  return {
    encode: async (chat, signal) => encoded(await render(chat), true, signal),
    render,
    tokenizeTemplate: encoded,
    tokenizePlain: (text, signal) =>
      background.run((own) => own.encode(text, { atMost }), { signal, atMost }),
    isControl: (id) => controlTokens.has(tokenId(id)),
  }
}

/** Null where this version of Ollama answers the conversation instead, by one token. */
async function renderedAt(
  { endpoint, model, contextTokens, keepAlive }: OllamaChatOptions,
  chat: ChatPrompt,
  signal: AbortSignal,
): Promise<string | null> {
  const body = {
    model,
    ...renderBody(chat),
    stream: false,
    truncate: false,
    _debug_render_only: true,
    ...(keepAlive === undefined ? {} : { keep_alive: keepAlive }),
    options: { num_predict: 1, ...(contextTokens === undefined ? {} : { num_ctx: contextTokens }) },
  }
  const reply = await endpoint.post('/api/chat', body, rendered.partial(), signal)
  return reply._debug_info?.rendered_template ?? null
}

/** What Ollama knows of a conversation; null for one with named values that it cannot be told. */
function renderBody({ messages, tools = [], templateKwargs = {} }: ChatPrompt): object | null {
  const { enable_thinking: thinks, ...others } = templateKwargs
  const calls = messages.flatMap(({ tool_calls: made = [] }) => made)
  if (
    Object.keys(others).length > 0 ||
    !calls.every((call) => callArguments(call.function.arguments) !== null)
  )
    return null
  return {
    messages: messages.map(ollamaMessage),
    ...(tools.length === 0 ? {} : { tools }),
    ...(typeof thinks === 'boolean' ? { think: thinks } : {}),
  }
}

function ollamaMessage({ role, content, tool_calls: calls, name, tool_call_id: id }: ChatMessage): object {
  return {
    role,
    content,
    ...(calls === undefined
      ? {}
      : {
          tool_calls: calls.map((call) => ({
            id: call.id,
            function: { name: call.function.name, arguments: callArguments(call.function.arguments) },
          })),
        }),
    ...(name === undefined ? {} : { tool_name: name }),
    ...(id === undefined ? {} : { tool_call_id: id }),
  }
}
