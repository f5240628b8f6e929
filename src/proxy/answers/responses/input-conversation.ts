import type { ChatMessage } from '../../../steer/chat-prompt.ts'
import { invalidField } from '../../errors/invalid-request.ts'
import { publicMessage } from '../fields/conversation.ts'
import { isThought, type WireInputItem } from './input-items.ts'
import type { WireResponseRequest } from './response-fields.ts'

/** What a request says, as messages. */
export function inputConversation({ input, instructions }: WireResponseRequest): readonly ChatMessage[] {
  const messages: readonly ChatMessage[] =
    typeof input === 'string' ? [{ role: 'user', content: input }] : turns(input)
  if (messages.length === 0) throw invalidField('input', 'input holds no message.')
  return instructions == null ? messages : [{ role: 'system', content: instructions }, ...messages]
}

/** Calls are items of their own here, and belong to what the assistant said around them in a chat. */
function turns(items: readonly WireInputItem[]): readonly ChatMessage[] {
  const messages: ChatMessage[] = []
  for (const item of items) {
    if (isThought(item)) continue
    const message = itemMessage(item)
    const last = messages.at(-1)
    const isOneTurn = message.role === 'assistant' && last?.role === 'assistant'
    if (isOneTurn && (message.tool_calls !== undefined || last.tool_calls !== undefined)) {
      messages.splice(-1, 1, joined(last, message))
    } else messages.push(message)
  }
  return messages
}

function itemMessage(item: WireInputItem): ChatMessage {
  const { type, role, content, call_id: id = '', name, arguments: json, output } = item
  if (type === 'function_call_output') {
    return publicMessage({ role: 'tool', content: output, tool_call_id: id })
  }
  if (type !== 'function_call') return publicMessage({ role, content })
  const called = { name: name ?? '', arguments: json ?? '' }
  return publicMessage({ role: 'assistant', tool_calls: [{ id: id ?? '', function: called }] })
}

function joined(first: ChatMessage, second: ChatMessage): ChatMessage {
  return {
    role: 'assistant',
    content: [first.content, second.content].filter((content) => content !== '').join('\n'),
    tool_calls: [...(first.tool_calls ?? []), ...(second.tool_calls ?? [])],
  }
}
