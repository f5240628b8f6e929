import type { ChatMessage } from '../../steer/chat-prompt.ts'

const PARAGRAPH = '\n\n'

/** What system messages say as the beginning of what the user says, for templates that know no such role. */
export function foldedSystem(conversation: readonly ChatMessage[]): readonly ChatMessage[] {
  const system = systemText(conversation)
  const others = conversation.filter(({ role }) => role !== 'system')
  if (system === '') return others
  const [first, ...rest] = others
  return first?.role === 'user'
    ? [{ ...first, content: paragraphs(system, first.content) }, ...rest]
    : [{ role: 'user', content: system }, ...others]
}

/** What all system messages say, as one text. */
export function systemText(conversation: readonly ChatMessage[]): string {
  const texts = conversation.filter(({ role }) => role === 'system').map(({ content }) => content)
  return paragraphs(...texts)
}

/** Those of the texts that say something, as paragraphs of one. */
export function paragraphs(...texts: readonly string[]): string {
  return texts.filter((text) => text.trim() !== '').join(PARAGRAPH)
}
