import { callArgumentsText } from '../../../steer/channels/tool-calls/call-arguments.ts'
import type { ChatMessage } from '../../../steer/chat-prompt.ts'
import { publicMessage } from '../fields/conversation.ts'
import { isThought, type WireBlock, type WireTextBlock } from './content-blocks.ts'
import type { WireMessageRequest } from './message-fields.ts'

/** What a request says, as messages. Results of calls are turns of their own in a chat. */
export function messageConversation({ messages, system }: WireMessageRequest): readonly ChatMessage[] {
  const said = messages.flatMap(({ role, content }) =>
    typeof content === 'string'
      ? [publicMessage({ role, content })]
      : turns(
          role,
          content.filter((block) => !isThought(block)),
        ),
  )
  const first = system == null ? '' : textOf(system)
  return first === '' ? said : [{ role: 'system', content: first }, ...said]
}

function turns(role: string, blocks: readonly WireBlock[]): readonly ChatMessage[] {
  const results = blocks
    .filter(({ type }) => type === 'tool_result')
    .map(({ tool_use_id: id, content }) =>
      publicMessage({ role: 'tool', content: textOf(content ?? ''), tool_call_id: id }),
    )
  const calls = blocks.flatMap(({ type, id, name, input }) =>
    type === 'tool_use' && id != null && name != null
      ? [{ id, function: { name, arguments: callArgumentsText(input) } }]
      : [],
  )
  const texts = blocks.filter(({ type }) => type === 'text')
  // Results alone are no words of the user
  if (results.length > 0 && texts.length === 0) return results
  return [...results, publicMessage({ role, content: texts, tool_calls: calls })]
}

function textOf(content: string | readonly WireTextBlock[]): string {
  return publicMessage({ role: 'user', content }).content
}
