import type { ChatMessage } from '../../../steer/upstream.ts'

/** Messages of one conversation. */
export const MAX_MESSAGES = 2048

interface WireMessage {
  readonly role?: string | undefined
  readonly content: string | readonly { readonly text?: string | undefined }[]
}

/** A message as the gateway takes it: templates know three roles, and plain text. */
export function publicMessage({ role, content }: WireMessage): ChatMessage {
  // A line break keeps the parts as far apart as vLLM and llama.cpp keep them.
  const text = typeof content === 'string' ? content : content.map((part) => part.text ?? '').join('\n')
  return { role: role === 'user' || role === 'assistant' ? role : 'system', content: text }
}
