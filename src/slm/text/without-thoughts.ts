import type { ChatMessage } from '../../steer/chat-prompt.ts'

const END_OF_THOUGHTS = '</think>'

/** What every template keeps of a message: some drop what a model thought before, in earlier answers. */
export function withoutThoughts({ role, content }: ChatMessage): string {
  const thoughts = role === 'assistant' ? content.lastIndexOf(END_OF_THOUGHTS) : -1
  return thoughts === -1 ? content : content.slice(thoughts + END_OF_THOUGHTS.length)
}
