import type { ChatMessage } from '../../steer/chat-prompt.ts'

/** The system prompt of a conversation whose client sends none. */
export const SHARED_SYSTEM_PROMPT = 'You are a helpful assistant.'

/**
 * A conversation with a system message in any case: what both local streams read, and models that no server
 * serves.
 */
export function publicConversation(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  const hasSystem = messages.some(({ role }) => role === 'system')
  return hasSystem ? messages : [{ role: 'system', content: SHARED_SYSTEM_PROMPT }, ...messages]
}
