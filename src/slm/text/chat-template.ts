import { Template } from '@huggingface/jinja'
import { GatewayError } from '../../gateway-error.ts'
import type { ChatMessage, ChatPrompt } from '../../steer/chat-prompt.ts'
import { modelFileInvalid } from '../model-file-invalid.ts'
import type { TokenizerSource } from '../tokenizer-files/tokenizer-source.ts'
import { createControlText } from './control-text.ts'
import { strftime } from './strftime.ts'

// The library refuses to redefine strftime_now, so templates are made to call another name
const FROZEN_CLOCK = 'strftime_of_request'

interface RenderOptions extends Omit<ChatPrompt, 'messages'> {
  /** What `strftime_now` shows; give all prompts of one request the same. */
  readonly now: Date
  /** Ends with the marker after which the assistant speaks. */
  readonly addGenerationPrompt: boolean
}

/** Renders a conversation to text. Throws GatewayError `invalid_request` when the template refuses it. */
export type ChatTemplate = (messages: readonly ChatMessage[], options: RenderOptions) => string

/** The system message moved into the first user message, for templates that know no system role. */
function foldSystem(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  const system = messages.filter(({ role }) => role === 'system').map(({ content }) => content)
  const rest = messages.filter(({ role }) => role !== 'system')
  const first = rest.findIndex(({ role }) => role === 'user')
  return rest.map((message, i) =>
    i === first ? { ...message, content: [...system, message.content].join('\n\n') } : message,
  )
}

/** Calls and tools' results as text, for templates that know neither. */
function asPlainText({ role, content, tool_calls: calls = [] }: ChatMessage): ChatMessage {
  const called = calls.map(({ function: { name, arguments: json } }) => `${name}(${json})`)
  const text = [content, ...called].filter((part) => part !== '').join('\n')
  return { role: role === 'tool' ? 'user' : role, content: text }
}

/** Most templates write a call's arguments as JSON themselves, and so expect the object. */
function withParsedArguments(message: ChatMessage): object {
  const { tool_calls: calls = [] } = message
  if (calls.length === 0) return message
  const parsed = calls.map((call) => {
    return { ...call, function: { ...call.function, arguments: JSON.parse(call.function.arguments) } }
  })
  return { ...message, tool_calls: parsed }
}

/**
 * Compiles the model's chat template. Throws GatewayError `model_file_invalid` when there
 * is none or it does not parse.
 */
export function createChatTemplate(
  source: Pick<TokenizerSource, 'origin' | 'chatTemplate' | 'bosToken' | 'eosToken'>,
): ChatTemplate {
  if (source.chatTemplate === null) {
    throw modelFileInvalid(
      source.origin,
      'it has no chat template. Take an instruction-tuned ("Instruct") model.',
    )
  }
  const { bosToken, eosToken } = source
  const template = parsedTemplate(source.origin, source.chatTemplate)
  const render = (
    messages: readonly object[],
    { now, addGenerationPrompt, tools = [], toolChoice, templateKwargs = {} }: RenderOptions,
  ): string =>
    template.render({
      ...templateKwargs,
      messages,
      ...(tools.length === 0 || toolChoice === 'none' ? {} : { tools }),
      add_generation_prompt: addGenerationPrompt,
      bos_token: bosToken ?? '',
      eos_token: eosToken ?? '',
      [FROZEN_CLOCK]: (format: string) => strftime(now, format),
    })
  return (messages, options) => {
    const forms = [
      messages.map(withParsedArguments),
      messages,
      foldSystem(messages),
      foldSystem(messages.map(asPlainText)),
    ]
    for (const form of forms) {
      try {
        return render(form, options)
      } catch {
        // The template's own message may quote the conversation, so it is not passed on
      }
    }
    throw new GatewayError(
      'invalid_request',
      'The local model\'s chat template refuses this sequence of roles. Let "user" and "assistant" alternate, beginning with "user".',
      { param: 'messages' },
    )
  }
}

function parsedTemplate(origin: string, text: string): Template {
  try {
    return new Template(text.replaceAll('strftime_now', FROZEN_CLOCK))
  } catch (cause) {
    throw modelFileInvalid(origin, 'its chat template is not valid Jinja. Fetch or convert it again.', cause)
  }
}

/** The control token that the template writes after an assistant's message; null when it writes none. */
export function templateEndToken(source: TokenizerSource): string | null {
  if (source.chatTemplate === null) return null
  const answer = 'an answer'
  const messages = [
    { role: 'user', content: 'a question' },
    { role: 'assistant', content: answer },
  ] as const
  const rendered = createChatTemplate(source)(messages, { now: new Date(0), addGenerationPrompt: false })
  const after = rendered.slice(rendered.lastIndexOf(answer) + answer.length)
  const control = createControlText(source.tokenizerJson)
    .split(after)
    .find((piece) => piece.type === 'control')
  if (!control) return null
  return source.tokenizerJson.added_tokens.find(({ id }) => id === control.id)?.content ?? null
}
