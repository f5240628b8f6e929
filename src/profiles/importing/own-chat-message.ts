import type { Finding, FoundText } from './finding.ts'

const CODE_BLOCK = /^```[\s\S]*?^```[^\n]*$/gm

/**
 * A message that the user wrote to a model, without the code in it, which is no prose of theirs. A
 * conversation's title is what stands for its task.
 */
export function ownChatMessage({
  text,
  title,
  ...found
}: Pick<FoundText, 'text' | 'date' | 'place'> & { readonly title: string | null }): Finding {
  const prose = text.replace(CODE_BLOCK, '').trim()
  if (prose === '') return { type: 'left-out', reason: 'no-text' }
  const named = title?.trim() ?? ''
  const task = named === '' ? 'Write a message to an assistant.' : `Write a message to an assistant: ${named}`
  return { type: 'text', found: { ...found, text: prose, task, kind: 'written' } }
}
