import type { ChatMessage } from '../../../steer/chat-prompt.ts'

/** Messages of one conversation. */
export const MAX_MESSAGES = 2048

/** A part that says nothing, such as an image, has neither field. */
interface WirePart {
  readonly text?: string | null | undefined
  readonly refusal?: string | null | undefined
}

interface WireMessage {
  readonly role?: string | undefined
  readonly content?: string | readonly WirePart[] | null | undefined
  readonly refusal?: string | null | undefined
}

/**
 * Whether a message says nothing at all, which only an assistant may do: it had called tools, or had thought.
 */
export function isEmptyTurn({ content, refusal }: WireMessage): boolean {
  return refusal == null && (content == null || (typeof content !== 'string' && content.length === 0))
}

/**
 * A message as the gateway takes it: templates know three roles, and plain text. A
 * refusal is what the assistant said.
 */
export function publicMessage({ role, content, refusal }: WireMessage): ChatMessage {
  const parts = typeof content === 'string' ? [{ text: content }] : (content ?? [])
  const said = parts.flatMap((part: WirePart) => partTexts(part))
  // A line break keeps the parts as far apart as vLLM and llama.cpp keep them.
  const text = [...said, ...(refusal ? [refusal] : [])].join('\n')
  return { role: role === 'user' || role === 'assistant' ? role : 'system', content: text }
}

function partTexts({ text, refusal }: WirePart): string[] {
  if (!refusal) return [text ?? '']
  return text ? [text, refusal] : [refusal]
}
