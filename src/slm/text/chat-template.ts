import { Template } from '@huggingface/jinja'
import { GatewayError } from '../../gateway-error.ts'
import { jsonValue } from '../../json-value.ts'
import type { ChatMessage, ChatPrompt } from '../../steer/chat-prompt.ts'
import { modelFileInvalid } from '../model-file-invalid.ts'
import type { TokenizerSource } from '../tokenizer-files/tokenizer-source.ts'
import { renderBounded, TemplateExhausted } from './bounded-rendering.ts'
import { createControlText } from './control-text.ts'
import { foldedSystem } from './folded-system.ts'
import { strftime } from './strftime.ts'

/** The template calls raise_exception. */
class TemplateRefusal extends Error {
  override readonly name = 'TemplateRefusal'
}

interface RenderOptions extends Omit<ChatPrompt, 'messages'> {
  /** What `strftime_now` shows; give all prompts of one request the same. */
  readonly now: Date
  /** Ends with the marker after which the assistant speaks. */
  readonly addGenerationPrompt: boolean
}

/** Renders a conversation to text. Throws GatewayError `invalid_request` when the template does not. */
export type ChatTemplate = (messages: readonly ChatMessage[], options: RenderOptions) => string

/** Most templates write a call's arguments as JSON themselves, and so expect the object. */
function withParsedArguments(message: ChatMessage): object {
  const { tool_calls: calls = [] } = message
  if (calls.length === 0) return message
  const parsed = calls.map((call) => {
    const { arguments: text } = call.function
    // A model may have written arguments that are no JSON: they stay a text
    const value = jsonValue(text)
    return { ...call, function: { ...call.function, arguments: value === undefined ? text : value } }
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
    renderBounded(template, {
      ...templateKwargs,
      messages,
      ...(tools.length === 0 || toolChoice === 'none' ? {} : { tools }),
      add_generation_prompt: addGenerationPrompt,
      bos_token: bosToken ?? '',
      eos_token: eosToken ?? '',
      strftime_now: (format: string) => strftime(now, format),
      raise_exception: () => {
        throw new TemplateRefusal()
      },
    })
  return (messages, options) => {
    const forms = [messages.map(withParsedArguments), messages, foldedSystem(messages)]
    const failures: unknown[] = []
    for (const form of forms) {
      try {
        return render(form, options)
      } catch (error) {
        failures.push(error)
        if (isEndless(error)) break
      }
    }
    throw new GatewayError('invalid_request', whyNot(failures), { param: 'messages' })
  }
}

function isEndless(error: unknown): boolean {
  return error instanceof TemplateExhausted || error instanceof RangeError
}

/** The template's own message may quote the conversation, so it is not passed on. */
function whyNot(failures: readonly unknown[]): string {
  const subject = "The local model's chat template"
  if (failures.some(isEndless)) {
    return `${subject} does not come to an end with these messages. Take the model from another source.`
  }
  if (failures.some((error) => error instanceof TemplateRefusal)) {
    return `${subject} refuses this sequence of roles. Let "user" and "assistant" alternate, beginning with "user".`
  }
  return `${subject} fails with these messages: it uses something that is not supported, or lacks a value. Take the model from another source.`
}

function parsedTemplate(origin: string, text: string): Template {
  try {
    return new Template(text)
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
