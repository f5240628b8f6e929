import { z } from 'zod'
import { dayOf, type Finding } from './finding.ts'
import { ownChatMessage } from './own-chat-message.ts'

const contentSchema = z.object({ type: z.string(), text: z.string().nullish() })
const messageSchema = z.object({
  sender: z.string(),
  text: z.string().nullish(),
  content: z.array(contentSchema).nullish().catch(null),
  created_at: z.string().nullish(),
})
const conversationSchema = z.object({
  name: z.string().nullish(),
  created_at: z.string().nullish(),
  chat_messages: z.array(z.unknown()),
})

/** The user's messages of a conversation of claude.ai; null when it is none. */
export function claudeConversation(item: unknown, place: string): Finding[] | null {
  const parsed = conversationSchema.safeParse(item)
  if (!parsed.success) return null
  const { name, created_at: begun, chat_messages: messages } = parsed.data
  return messages.flatMap((message): Finding[] => {
    const checked = messageSchema.safeParse(message)
    if (!checked.success) return [{ type: 'problem', place, message: 'a message of an unknown form' }]
    const { sender, created_at: sent } = checked.data
    const text = sender === 'human' ? textOf(checked.data) : ''
    if (text === '') return []
    return [ownChatMessage({ text, title: name ?? null, date: dayOf(sent ?? begun), place })]
  })
}

/** Newer exports hold the text in parts as well, and older ones there alone. */
function textOf({ text, content }: z.infer<typeof messageSchema>): string {
  if (text != null && text.trim() !== '') return text.trim()
  const parts = (content ?? []).flatMap((part) => (part.type === 'text' ? (part.text ?? []) : []))
  return parts.join('\n').trim()
}
