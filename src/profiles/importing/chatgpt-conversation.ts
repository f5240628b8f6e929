import { z } from 'zod'
import { dayOf, type Finding } from './finding.ts'
import { ownChatMessage } from './own-chat-message.ts'

const messageSchema = z.object({
  id: z.string().nullish(),
  author: z.object({ role: z.string() }),
  create_time: z.number().nullish(),
  content: z.object({ content_type: z.string().nullish(), parts: z.array(z.unknown()).nullish() }).nullish(),
  metadata: z.object({ is_visually_hidden_from_conversation: z.boolean().nullish() }).nullish(),
  recipient: z.string().nullish(),
})
const nodeSchema = z.object({
  parent: z.string().nullish(),
  message: messageSchema.nullish().catch(null),
})
const conversationSchema = z.object({
  title: z.string().nullish(),
  create_time: z.number().nullish(),
  current_node: z.string().nullish(),
  mapping: z.record(z.string(), nodeSchema),
})
const ratingSchema = z.object({
  message_id: z.string().optional(),
  id: z.string().optional(),
  conversation_id: z.string(),
  rating: z.string(),
})

type Conversation = z.infer<typeof conversationSchema>
type Message = z.infer<typeof messageSchema>

/**
 * The user's messages on the branch of a ChatGPT conversation that was last shown, and all answers, any of
 * which may be rated; null when it is none.
 */
export function chatGptConversation(item: unknown, place: string): Finding[] | null {
  const parsed = conversationSchema.safeParse(item)
  if (!parsed.success) return null
  const conversation = parsed.data
  const { title = null, mapping } = conversation
  const shown = shownNodes(conversation)
  return Object.entries(mapping).flatMap(([id, { message, parent }]): Finding[] => {
    if (message == null || message.metadata?.is_visually_hidden_from_conversation === true) return []
    const text = textOf(message)
    const date = dayOf(message.create_time ?? conversation.create_time)
    if (message.author.role === 'user') {
      return shown.has(id) && text !== '' ? [ownChatMessage({ text, title, date, place })] : []
    }
    const isAnswer = message.author.role === 'assistant' && (message.recipient ?? 'all') === 'all'
    const task = isAnswer && text !== '' ? questionBefore(conversation, parent) : null
    if (task === null) return []
    const found = { text, task, date, kind: 'kept', place } as const
    return [{ type: 'answer', id: message.id ?? id, found }]
  })
}

/** A good rating of an answer, from message_feedback.json; null when the item is no rating. */
export function chatGptRating(item: unknown): Finding[] | null {
  const parsed = ratingSchema.safeParse(item)
  if (!parsed.success) return null
  const { message_id, id, rating } = parsed.data
  const rated = message_id ?? id
  return rated !== undefined && /^thumbs_?up$/i.test(rating) ? [{ type: 'rating', id: rated }] : []
}

/** The branch that ends at the current node; everything where the export names none. */
function shownNodes({ current_node, mapping }: Conversation): ReadonlySet<string> {
  if (current_node == null || !Object.hasOwn(mapping, current_node)) return new Set(Object.keys(mapping))
  const shown = new Set<string>()
  for (let id: string | null | undefined = current_node; id != null && !shown.has(id); ) {
    shown.add(id)
    id = mapping[id]?.parent
  }
  return shown
}

function questionBefore({ mapping }: Conversation, parent: string | null | undefined): string | null {
  const seen = new Set<string>()
  for (let id = parent; id != null && !seen.has(id); id = mapping[id]?.parent) {
    seen.add(id)
    const message = mapping[id]?.message
    const text = message?.author.role === 'user' ? textOf(message) : ''
    if (text !== '') return text
  }
  return null
}

function textOf({ content }: Message): string {
  if (content?.content_type != null && !['text', 'multimodal_text'].includes(content.content_type)) return ''
  return (content?.parts ?? [])
    .filter((part) => typeof part === 'string')
    .join('\n')
    .trim()
}
