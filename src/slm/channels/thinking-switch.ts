import type { ChannelGrammar } from '../../steer/channels/channel-grammar.ts'

/** Extra arguments of a chat template, as `chat_template_kwargs` names them. */
export type TemplateArguments = Readonly<Record<string, string | number | boolean>>

/** How a chat template is told whether to think. */
export interface ThinkingSwitch {
  /** What switches thinking off and on; null where the template has no such argument. */
  readonly arguments: { readonly off: TemplateArguments; readonly on: TemplateArguments } | null
  /** Whether `reasoning_effort` changes the prompt. */
  readonly hasEffort: boolean
}

/** The arguments that templates are known to ask, the commonest first. */
const candidates: readonly { readonly off: TemplateArguments; readonly on: TemplateArguments }[] = [
  { off: { enable_thinking: false }, on: { enable_thinking: true } },
  { off: { thinking: false }, on: { thinking: true } },
  // Seed-OSS: tokens to think with, all that it likes at -1
  { off: { thinking_budget: 0 }, on: { thinking_budget: -1 } },
]
const lowEffort: TemplateArguments = { reasoning_effort: 'low' }
const highEffort: TemplateArguments = { reasoning_effort: 'high' }

/**
 * Finds out by rendering a conversation with each of the known arguments. `render` may throw: then it tells
 * no difference.
 */
export function thinkingSwitch(render: (extra: TemplateArguments) => string): ThinkingSwitch {
  const differ = (one: TemplateArguments, other: TemplateArguments): boolean => {
    try {
      return render(one) !== render(other)
    } catch {
      return false
    }
  }
  return {
    arguments: candidates.find(({ off, on }) => differ(off, on)) ?? null,
    hasEffort: differ(lowEffort, highEffort),
  }
}

/**
 * What to write behind a rendered prompt so that the model's next token is the answer's first. Empty where
 * the template leaves no block of thoughts open, with its switch off or since it never opens one.
 */
export function endOfThinking(prompt: string, grammar: ChannelGrammar): string {
  if (grammar.type === 'harmony')
    return /<\|start\|>assistant$/.test(prompt) ? '<|channel|>final<|message|>' : ''
  if (grammar.thinking === null) return ''
  const { open, close, heading } = grammar.thinking
  if (!prompt.trimEnd().endsWith(open + heading)) return ''
  return prompt.endsWith('\n') ? `\n${close}\n\n` : close
}
