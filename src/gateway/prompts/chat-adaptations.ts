import { foldedSystem, paragraphs, systemText } from '../../slm/text/folded-system.ts'
import type { ChatMessage } from '../../steer/chat-prompt.ts'

/** Another form of a conversation, for a chat template that does not take it as it is. */
export type ChatAdaptation = (conversation: readonly ChatMessage[]) => readonly ChatMessage[]

/** What a user says where a template wants one to speak first. */
const OPENING = '…'

/** From the least to the most that a conversation changes; the last form suits templates of any kind. */
export const chatAdaptations: readonly ChatAdaptation[] = [
  (conversation) => conversation,
  systemFirst,
  foldedSystem,
  (conversation) => systemFirst(spoken(conversation)),
  (conversation) => alternating(systemFirst(spoken(conversation))),
  (conversation) => alternating(foldedSystem(spoken(conversation))),
]

/** One system message, in front. */
function systemFirst(conversation: readonly ChatMessage[]): readonly ChatMessage[] {
  const system = systemText(conversation)
  const others = conversation.filter(({ role }) => role !== 'system')
  return system === '' ? others : [{ role: 'system', content: system }, ...others]
}

/** Calls and results of tools as words of the assistant and the user. */
function spoken(conversation: readonly ChatMessage[]): readonly ChatMessage[] {
  return conversation.map(({ role, content, tool_calls: calls = [], name }): ChatMessage => {
    if (role === 'tool') {
      return { role: 'user', content: `Result${name === undefined ? '' : ` of ${name}`}: ${content}` }
    }
    const called = calls.map((call) => `Call of ${call.function.name}: ${call.function.arguments}`)
    return { role, content: paragraphs(content, ...called) }
  })
}

/** User and assistant in turn, beginning with the user, each with something to say. */
function alternating(conversation: readonly ChatMessage[]): readonly ChatMessage[] {
  const turns: ChatMessage[] = []
  for (const message of conversation) {
    const last = turns.at(-1)
    if (last?.role === message.role)
      turns.splice(-1, 1, { ...last, content: paragraphs(last.content, message.content) })
    else if (message.content.trim() !== '') turns.push(message)
  }
  const first = turns.findIndex(({ role }) => role !== 'system')
  const opens = first === -1 || turns[first]?.role === 'assistant'
  if (opens) turns.splice(first === -1 ? turns.length : first, 0, { role: 'user', content: OPENING })
  return turns
}
