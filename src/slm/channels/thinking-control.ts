import type { ChannelGrammar } from '../../steer/channels/channel-grammar.ts'
import type { TokenId } from '../../steer/token-id.ts'
import { createChatTemplate } from '../text/chat-template.ts'
import type { Tokenizer } from '../text/tokenizer.ts'
import {
  endOfThinking,
  type TemplateArguments,
  type ThinkingSwitch,
  thinkingSwitch,
} from './thinking-switch.ts'

/** What decides whether a model thinks before it answers. */
export interface ThinkingControl {
  readonly switch: ThinkingSwitch
  /**
   * What stands behind a prompt that has thinking switched off, so that the answer begins
   * there: nothing where the template leaves no block of thoughts open.
   */
  readonly ending: readonly TokenId[]
}

/** The control of a model that has none. */
export const noThinkingControl: ThinkingControl = {
  switch: { arguments: null, hasEffort: false },
  ending: [],
}

export interface ThinkingSigns {
  /** Jinja source; null when the model is no chat model. */
  readonly template: string | null
  /** Null where the model does not think, or nobody knows in what. */
  readonly grammar: ChannelGrammar | null
  readonly tokenizer: Pick<Tokenizer, 'encodePrompt' | 'promptStart'>
}

/** Finds out by rendering a conversation. */
export function thinkingControl({ template, grammar, tokenizer }: ThinkingSigns): ThinkingControl {
  const render = template === null ? null : renderer(template)
  if (render === null) return noThinkingControl
  const found = thinkingSwitch(render)
  const off = found.arguments?.off ?? {}
  const text = grammar === null ? '' : endOfThinking(renderedOrEmpty(render, off), grammar)
  const written = text === '' ? [] : tokenizer.encodePrompt(text)
  return { switch: found, ending: written.slice(tokenizer.promptStart.length) }
}

type Render = (extra: TemplateArguments) => string

/** Null for a template that is no valid Jinja: a server may know another dialect. */
function renderer(chatTemplate: string): Render | null {
  const now = new Date(0)
  const question = [{ role: 'user', content: 'a question' }] as const
  try {
    const template = createChatTemplate({ origin: 'the model', chatTemplate, bosToken: '', eosToken: '' })
    return (templateKwargs) => template(question, { now, addGenerationPrompt: true, templateKwargs })
  } catch {
    return null
  }
}

function renderedOrEmpty(render: Render, extra: TemplateArguments): string {
  try {
    return render(extra)
  } catch {
    return ''
  }
}
